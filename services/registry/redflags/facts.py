"""What rules are given: counts of an agency's or an employer's workers, and reports about it. No name and no value.

A rule makes `Found` of them; nothing else is kept.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from shared.contracts.red_flags import FlagRule, FlagStrength

WINDOW: Final = timedelta(days=365)
"""How far back evidence counts: what was never proved does not follow anybody for longer (docs/due-process.md)."""


@dataclass(frozen=True)
class Shared:
    """Workers of one party who gave the same telephone, the same account, or whose papers one holder handed over.

    Attributes:
        workers: of this party.
        everybody: workers of all parties.
        days: on how many days these workers of this party were registered.
        first, last: the first and the last of them.
    """

    party: str
    workers: int
    everybody: int
    days: int
    first: date
    last: date


@dataclass(frozen=True)
class Tally:
    """Of a party's workers of whom something is known, those of whom it is so.

    Attributes:
        first, last: days of the first and the last of whom it is so; None: there is none.
    """

    party: str
    known: int
    so: int
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Report:
    """Something told about a party: by a worker's complaint, or in a conversation of labour inspection.

    Attributes:
        about: whose it is: reports of one and the same matter have the same.
        complaint: it is a complaint; else a conversation.
        member: of the office that has it.
    """

    party: str
    about: str
    complaint: bool
    member: str
    on: date


@dataclass(frozen=True)
class Found:
    """A rule that holds.

    Attributes:
        counts: what was counted, exactly; only their bounds from below leave the room.
    """

    party: str
    rule: FlagRule
    strength: FlagStrength
    counts: Mapping[str, int]
    first: date
    last: date


_STEPS: Final[tuple[int, ...]] = (0, 1, 2, 3, 5, *(digit * 10**power for power in range(1, 8) for digit in (1, 2, 5)))


def at_least(count: int) -> int:
    """A count rounded down to a step, so that one worker or one complaint more is seldom seen."""
    return _STEPS[bisect_right(_STEPS, count) - 1]


def month(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)
