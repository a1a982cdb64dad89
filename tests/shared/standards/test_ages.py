"""Minimum ages: which rule fires, and what a doubtful birth date says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standards.ages import (
    CHILD_AGE,
    AgeStatus,
    Confidence,
    Sector,
    age_floor,
    age_on,
    age_status,
    birthday,
    load_rules,
    possibly_child,
)
from shared.standards.dates import DateInterval, DateIntervalError, parse_partial_date

RULES = load_rules()
ON = date(2026, 11, 15)


def floor(origin: str, destination: str, sector: Sector, on: date = ON) -> int:
    return age_floor(origin, destination, sector, on, RULES).minimum


@pytest.mark.parametrize(
    ("origin", "destination", "sector", "on", "minimum"),
    [
        ("PHL", "SGP", Sector.DOMESTIC, ON, 24),
        ("PHL", "HKG", Sector.DOMESTIC, date(2022, 7, 13), 23),
        ("PHL", "HKG", Sector.DOMESTIC, date(2022, 7, 14), 24),
        ("IDN", "SGP", Sector.DOMESTIC, ON, 23),
        ("IDN", "MYS", Sector.DOMESTIC, ON, 21),
        ("IDN", "HKG", Sector.DOMESTIC, date(2010, 1, 1), 21),
        ("IDN", "HKG", Sector.DOMESTIC, date(2017, 11, 22), 18),
        ("IDN", "MYS", Sector.PLANTATION, ON, 18),
        ("KHM", "THA", Sector.FISHING, ON, 18),
        ("PHL", "SGP", Sector.ANY, ON, 18),
        ("XXX", "YYY", Sector.ANY, date(1970, 1, 1), 18),
    ],
)
def test_floor_by_corridor(origin: str, destination: str, sector: Sector, on: date, minimum: int) -> None:
    assert floor(origin, destination, sector, on) == minimum


def test_every_floor_says_which_rules_fired_highest_first() -> None:
    result = age_floor("PHL", "SGP", Sector.DOMESTIC, ON, RULES)
    assert [(rule.iso, rule.minimum) for rule in result.fired[:2]] == [("PHL", 24), ("SGP", 23)]
    assert all(rule.basis for rule in result.fired)


def test_unconfirmed_rules_only_advise() -> None:
    result = age_floor("VNM", "THA", Sector.FISHING, ON, RULES)
    assert {"VNM", "THA"} <= {rule.iso for rule in result.advisory}
    assert not {"VNM", "THA"} & {rule.iso for rule in result.fired}
    fired_unconfirmed = [rule for rule in result.fired if rule.confidence is Confidence.UNCONFIRMED]
    assert [rule.minimum for rule in fired_unconfirmed] == [CHILD_AGE]


def test_non_domestic_covers_every_stated_sector_but_domestic() -> None:
    for sector in Sector:
        fired = age_floor("XXX", "SGP", sector, ON, RULES).fired
        fires = any(rule.sector is Sector.NON_DOMESTIC for rule in fired)
        assert fires == (sector not in {Sector.ANY, Sector.DOMESTIC})


def test_the_exit_ban_on_men_is_not_an_age_rule() -> None:
    assert [(rule.minimum, rule.sector) for rule in RULES if rule.iso == "MMR"] == [(18, Sector.ANY)]


def test_the_table_is_orderly() -> None:
    for rule in RULES:
        assert 14 <= rule.minimum <= 30
        assert rule.valid_from is None or rule.valid_to is None or rule.valid_from <= rule.valid_to
    assert len(set(RULES)) == len(RULES)


@given(
    st.sampled_from(sorted({rule.iso for rule in RULES})),
    st.sampled_from(sorted({rule.iso for rule in RULES})),
    st.sampled_from(Sector),
    st.dates(date(1980, 1, 1), date(2040, 1, 1)),
)
def test_no_floor_is_below_eighteen_and_it_is_the_highest_fired(
    origin: str, destination: str, sector: Sector, on: date
) -> None:
    result = age_floor(origin, destination, sector, on, RULES)
    assert result.minimum == max([CHILD_AGE, *(rule.minimum for rule in result.fired)])
    assert not set(result.fired) & set(result.advisory)


def test_leap_day_birthdays_fall_on_the_first_of_march() -> None:
    leap = date(2008, 2, 29)
    assert birthday(leap, 18) == date(2026, 3, 1)
    assert birthday(leap, 20) == date(2028, 2, 29)
    assert (age_on(leap, date(2026, 2, 28)), age_on(leap, date(2026, 3, 1))) == (17, 18)


days = st.dates(date(1930, 1, 1), date(2030, 12, 31))


@given(days, st.integers(0, 100))
def test_age_turns_on_the_birthday_and_not_before(birth: date, years: int) -> None:
    day = birthday(birth, years)
    assert age_on(birth, day) == years
    assert age_on(birth, day - timedelta(days=1)) == years - 1


@given(days, days, days, days, st.integers(15, 30))
def test_status_holds_for_every_possible_birth_date(
    one: date, other: date, within: date, on: date, minimum: int
) -> None:
    birth = DateInterval(min(one, other), max(one, other))
    truth = min(max(within, birth.earliest), birth.latest)
    status = age_status(birth, minimum, on)
    if status is AgeStatus.ABOVE:
        assert age_on(truth, on) >= minimum
    elif status is AgeStatus.BELOW:
        assert age_on(truth, on) < minimum
    else:
        assert age_on(birth.latest, on) < minimum <= age_on(birth.earliest, on)
    if age_on(truth, on) < CHILD_AGE:
        assert possibly_child(birth, on)
    assert possibly_child(birth, on) == (age_status(birth, CHILD_AGE, on) is not AgeStatus.ABOVE)


def test_in_doubt_a_child() -> None:
    assert possibly_child(parse_partial_date("2008"), ON)
    assert not possibly_child(parse_partial_date("2008-11-15"), ON)
    assert possibly_child(parse_partial_date("2008-11-16"), ON)
    assert age_status(parse_partial_date("2008"), 18, ON) is AgeStatus.UNDETERMINED


def test_intervals_refuse_disorder_and_know_overlap() -> None:
    with pytest.raises(DateIntervalError):
        DateInterval(date(2000, 1, 2), date(2000, 1, 1))
    year, day = parse_partial_date("2000"), parse_partial_date("2000-12-31")
    assert year.overlaps(day)
    assert day.overlaps(year)
    assert (day.is_exact, year.is_exact) == (True, False)
    assert not day.overlaps(parse_partial_date("2001-01"))


@pytest.mark.parametrize("text", ["", "00", "2000-13", "2001-02-29", "0000", "2000-1-1", "２０００", "2000-01-01T00"])
def test_partial_dates_that_cannot_be(text: str) -> None:
    with pytest.raises(DateIntervalError):
        parse_partial_date(text)
