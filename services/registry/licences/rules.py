"""Which of the periods told of a licence holds on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.contracts.parties import LicenceStatus


@dataclass(frozen=True)
class Period:
    """A status from one day to another, both included; `valid_to` None: until told otherwise."""

    status: LicenceStatus
    national_code: str | None
    valid_from: date
    valid_to: date | None

    def covers(self, on: date) -> bool:
        """Whether the day lies in it."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def period_on(periods: Sequence[Period], on: date) -> Period | None:
    """The period that holds on a day: of those that cover it, the one told last.

    When none covers it any more, the one that ended last, as expired: a licence that nobody renewed, or a suspension
    after which nobody said that the licence is valid again, is not valid.

    Args:
        periods: in the order in which they were told.
        on: the day.

    Returns:
        None before the first period.
    """
    covering = [period for period in periods if period.covers(on)]
    if covering:
        return covering[-1]
    ended = [period for period in periods if period.valid_to is not None and period.valid_to < on]
    if not ended:
        return None
    last = max(ended, key=lambda period: period.valid_to or date.max)
    return Period(LicenceStatus.EXPIRED, last.national_code, last.valid_from, last.valid_to)
