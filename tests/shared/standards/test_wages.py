"""Wages owed, fees above the lawful ones, currencies: the sentences of the rules, and what holds of any numbers."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standards.currencies import CurrencyUnknownError, currencies, currency, in_major_units
from shared.standards.wages import LineKind, Terms, WagePeriod, WorkedMonth, total, wage_lines

TERMS = Terms(1_500_000, WagePeriod.MONTH, Decimal(8), Decimal(6), Decimal("1.5"))
"""15,000.00 a month for six days of eight hours."""

hundredths = st.integers(0, 74_400).map(lambda number: Decimal(number) / 100)
months = st.lists(
    st.builds(
        WorkedMonth,
        st.integers(1, 12).map("2026-{:02}".format),
        hundredths,
        hundredths,
        st.integers(0, 10**15),
    ),
    max_size=12,
)
terms = st.builds(
    Terms,
    st.integers(1, 10**15),
    st.sampled_from(WagePeriod),
    st.integers(1, 2_400).map(lambda number: Decimal(number) / 100),
    st.integers(1, 700).map(lambda number: Decimal(number) / 100),
    st.integers(100, 500).map(lambda number: Decimal(number) / 100),
)


def test_a_computation_is_told_line_by_line() -> None:
    worked = [
        WorkedMonth("2026-01", Decimal(1), Decimal(20), 1_000_000),
        WorkedMonth("2026-02", Decimal("0.5"), Decimal(0), 0),
    ]
    lines = wage_lines(TERMS, worked)
    assert [(each.kind, each.of, each.quantity, each.amount) for each in lines] == [
        (LineKind.WAGE, "2026-01", Decimal(1), 1_500_000),
        (LineKind.OVERTIME, "2026-01", Decimal(20), 216_346),  # 1,500,000 / 208 * 1.5 * 20 = 216,346.15
        (LineKind.PAID, "2026-01", Decimal(1), -1_000_000),
        (LineKind.WAGE, "2026-02", Decimal("0.5"), 750_000),
    ]
    assert total(lines) == 1_466_346


@pytest.mark.parametrize(
    ("period", "hourly"),
    [
        (WagePeriod.DAY, Fraction(1_500_000, 8)),
        (WagePeriod.HOUR, Fraction(1_500_000)),
        (WagePeriod.MONTH, Fraction(1_500_000, 208)),
        (WagePeriod.WEEK, Fraction(1_500_000, 48)),
    ],
)
def test_the_wage_of_an_hour(period: WagePeriod, hourly: Fraction) -> None:
    assert replace(TERMS, period=period).hourly == hourly


def test_who_had_more_than_was_due_owes_nothing_back() -> None:
    lines = wage_lines(TERMS, [WorkedMonth("2026-01", Decimal(1), Decimal(0), 1_600_000)])
    assert (lines[-1].kind, lines[-1].amount, total(lines)) == (LineKind.NOTHING_OWED_BACK, 100_000, 0)


@given(terms, months)
def test_what_is_owed_is_the_sum_of_its_lines_and_never_below_zero(agreed: Terms, worked: list[WorkedMonth]) -> None:
    lines = wage_lines(agreed, worked)
    assert total(lines) == sum(each.amount for each in lines) >= 0
    for each in lines:
        assert abs(each.amount - Fraction(each.quantity) * each.rate) <= Fraction(1, 2), "rounded, line by line"


@given(terms, months, st.integers(0, 11), st.integers(1, 10**12))
def test_what_was_paid_more_never_raises_it(agreed: Terms, worked: list[WorkedMonth], place: int, more: int) -> None:
    if place >= len(worked):
        return
    paid_more = [*worked]
    paid_more[place] = replace(worked[place], paid=worked[place].paid + more)
    assert total(wage_lines(agreed, paid_more)) <= total(wage_lines(agreed, worked))


@given(terms, months, st.integers(0, 11), st.integers(1, 10_000))
def test_what_was_worked_more_never_lowers_it(agreed: Terms, worked: list[WorkedMonth], place: int, more: int) -> None:
    if place >= len(worked):
        return
    extra = Decimal(more) / 100
    for name in ("worked", "overtime_hours"):
        longer = [*worked]
        longer[place] = replace(worked[place], **{name: getattr(worked[place], name) + extra})
        assert total(wage_lines(agreed, longer)) >= total(wage_lines(agreed, worked))


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("IDR", "1500.00"),
        ("KHR", "1500.00"),
        ("KWD", "150.000"),
        ("LAK", "1500.00"),
        ("MMK", "1500.00"),
        ("VND", "150000"),
    ],
)
def test_minor_units_are_those_of_iso_4217(code: str, written: str) -> None:
    assert str(in_major_units(150_000, code)) == written


def test_a_currency_that_is_not_there_is_refused() -> None:
    assert {len(code) for code in currencies()} == {3}
    with pytest.raises(CurrencyUnknownError):
        currency("XXX")
