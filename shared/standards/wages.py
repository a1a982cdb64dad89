"""What is still owed of wages: by contract and work done, less what was paid, line by line. Pure; exact fractions.

Amounts are integers of the currency's minor unit. Each line is rounded to it, half up, so that the lines add up.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final


class WagePeriod(StrEnum):
    """What the contract's wage is for."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


MOST_IN_A_MONTH: Final = {
    WagePeriod.HOUR: Decimal(744),
    WagePeriod.DAY: Decimal(31),
    WagePeriod.WEEK: Decimal(5),
    WagePeriod.MONTH: Decimal(1),
}
"""As much of a period as a calendar month can hold."""

WEEKS_A_MONTH: Final = Fraction(52, 12)
"""40 hours a week are 173.3 a month. Indonesia's rule for the hourly wage, a 173rd of the month's (Government
Regulation 35/2021), is the same rounded down; unconfirmed."""


class LineKind(StrEnum):
    """What a line of a computation is."""

    WAGE = "wage"
    OVERTIME = "overtime"
    PAID = "paid"
    FEE_PAID = "fee_paid"
    FEE_ALLOWED = "fee_allowed"
    DAMAGE = "damage"
    NOTHING_OWED_BACK = "nothing_owed_back"
    """The worker had more than was due: what is too much is not asked back here, and nothing is owed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the contract says, or the law where it says less.

    Attributes:
        wage: of one period, minor units.
        overtime_rate: what an hour of overtime counts, 1.5 for half as much again.
    """

    wage: int
    period: WagePeriod
    hours_a_day: Decimal
    days_a_week: Decimal
    overtime_rate: Decimal

    @property
    def hourly(self) -> Fraction:
        """The wage of an hour, minor units, exact."""
        day = Fraction(self.hours_a_day)
        hours = {
            WagePeriod.HOUR: Fraction(1),
            WagePeriod.DAY: day,
            WagePeriod.WEEK: day * Fraction(self.days_a_week),
            WagePeriod.MONTH: day * Fraction(self.days_a_week) * WEEKS_A_MONTH,
        }
        return self.wage / hours[self.period]


@dataclass(frozen=True, slots=True)
class WorkedMonth:
    """A calendar month: `worked` in the contract's periods, `paid` in minor units (what was deducted was not paid)."""

    month: str
    worked: Decimal
    overtime_hours: Decimal
    paid: int


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` times `rate` is `amount`, less where it is negative. The rate is exact, in minor units."""

    kind: LineKind
    of: str
    quantity: Decimal
    rate: Fraction
    amount: int


def line(kind: LineKind, of: str, quantity: Decimal, rate: Fraction) -> Line:
    """A line with its amount rounded half up (away from zero)."""
    exact = Fraction(quantity) * rate
    rounded = int(abs(exact) + Fraction(1, 2))
    return Line(kind, of, quantity, rate, rounded if exact >= 0 else -rounded)


def wage_lines(terms: Terms, months: Iterable[WorkedMonth]) -> tuple[Line, ...]:
    """What is owed, less what was paid, month by month. The sum of the lines is what is claimed: never below zero."""
    return settled([each for month in months for each in _of_month(terms, month)])


def settled(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines, and one more where they come to less than nothing: claims do not turn against the worker."""
    owed = total(lines)
    if owed >= 0:
        return tuple(lines)
    return (*lines, Line(LineKind.NOTHING_OWED_BACK, "", Decimal(1), Fraction(-owed), -owed))


def total(lines: Iterable[Line]) -> int:
    """The sum of the lines, minor units."""
    return sum(each.amount for each in lines)


def _of_month(terms: Terms, month: WorkedMonth) -> Iterator[Line]:
    if month.worked:
        yield line(LineKind.WAGE, month.month, month.worked, Fraction(terms.wage))
    if month.overtime_hours:
        rate = terms.hourly * Fraction(terms.overtime_rate)
        yield line(LineKind.OVERTIME, month.month, month.overtime_hours, rate)
    if month.paid:
        yield line(LineKind.PAID, month.month, Decimal(1), Fraction(-month.paid))
