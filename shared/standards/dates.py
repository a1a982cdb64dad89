"""Dates that are only partly known, as closed intervals."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class DateIntervalError(ValueError):
    """A date, or an interval of dates, that cannot be."""


@dataclass(frozen=True, slots=True)
class DateInterval:
    """Every day the true date may be; both ends belong to it.

    Attributes:
        earliest: first possible day.
        latest: last possible day, never before earliest.
    """

    earliest: date
    latest: date

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise DateIntervalError("the latest day lies before the earliest")

    @classmethod
    def exactly(cls, day: date) -> DateInterval:
        """The interval of one known day."""
        return cls(day, day)

    @property
    def is_exact(self) -> bool:
        """Whether only one day is possible."""
        return self.earliest == self.latest

    def overlaps(self, other: DateInterval) -> bool:
        """Whether both could be the same day."""
        return self.earliest <= other.latest and other.earliest <= self.latest


def month_interval(year: int, month: int) -> DateInterval:
    """Every day of a month.

    Raises:
        DateIntervalError: there is no such month or year.
    """
    try:
        return DateInterval(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    except ValueError as error:  # IllegalMonthError is a ValueError too
        raise DateIntervalError("no such month") from error


def year_interval(year: int) -> DateInterval:
    """Every day of a year.

    Raises:
        DateIntervalError: the year is not 1..9999.
    """
    try:
        return DateInterval(date(year, 1, 1), date(year, 12, 31))
    except ValueError as error:
        raise DateIntervalError("no such year") from error


def parse_partial_date(text: str) -> DateInterval:
    """The days meant by `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

    Raises:
        DateIntervalError: text has none of these forms, or names no real date.
    Source: ISO 8601 reduced precision; the form FollowTheMoney's date properties take.
    """
    found = _PARTIAL.fullmatch(text.strip())
    if found is None or not text.isascii():
        raise DateIntervalError("a date is written YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = found.groups()
    if month is None:
        return year_interval(int(year))
    if day is None:
        return month_interval(int(year), int(month))
    try:
        return DateInterval.exactly(date(int(year), int(month), int(day)))
    except ValueError as error:
        raise DateIntervalError("no such day") from error
