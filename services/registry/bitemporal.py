"""Two times: the days that a statement speaks of, and the day on which the register was told it (docs/adr/0022)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, TypeVar


class Dated(Protocol):
    """Something that speaks of days; an end that is None is open."""

    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


AnyDated = TypeVar("AnyDated", bound=Dated)


def covers(statement: Dated, on: date) -> bool:
    """Whether a statement speaks of a day; both its ends belong to it."""
    begun = statement.valid_from is None or statement.valid_from <= on
    return begun and (statement.valid_to is None or on <= statement.valid_to)


def holding(statements: Sequence[AnyDated], on: date) -> AnyDated | None:
    """What holds on a day: of the statements that speak of it, the one told last.

    Args:
        statements: in the order in which they were told; what was not known yet is left out by the caller.
        on: the day.
    """
    return next((statement for statement in reversed(statements) if covers(statement, on)), None)


def told_before(known_on: date) -> datetime:
    """The first instant after a day (UTC): whatever was told before it was known on that day."""
    following = known_on if known_on == date.max else known_on + timedelta(days=1)
    return datetime.combine(following, time(), UTC)
