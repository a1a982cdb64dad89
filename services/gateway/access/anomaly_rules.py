"""Rules over the log: what a human should look at. Pure. An alarm is a question; most have a good answer.

They see what the log has: who, when, what kind, digests. So they can tell that one record was asked for often, not
whose it is; and that a record is one that somebody is too near to, because its digest was told before.
"""

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.gateway.access.policy import Action
from services.gateway.audit.entries import Outcome

_ASKING: Final = frozenset({Action.READ.value, Action.SCREEN.value, Action.VERIFY.value, Action.IDENTIFY.value})
"""What is done about somebody: lists are walked through by everybody, writing is work."""
_PLAIN_ZONE: Final = "Asia/Singapore"
SOUGHT_HELP: Final = "sought help"
"""Stands for whoever has an interest, among those who are too near to a record."""
Near = Mapping[tuple[str, str], datetime]
"""(`person ID`, `organisation NAME` or SOUGHT_HELP; digest) of records that somebody is too near to, and since when."""


class Rule(StrEnum):
    """What an alarm is about."""

    SAME_SUBJECT = "same_subject"
    MANY_SUBJECTS = "many_subjects"
    OUT_OF_HOURS = "out_of_hours"
    REFUSED_IN_A_ROW = "refused_in_a_row"
    NEAR = "near"
    """Somebody looked at a record of their family, their employer, or of one who complained of them."""
    SOUGHT_HELP = "sought_help"
    """From the side of employers, agencies or origin somebody looked at a worker who turned to an office for help."""


@dataclass(frozen=True)
class Look:
    """An entry of the log, as the rules see it."""

    number: int
    at: datetime
    person: str
    organisation: str
    member: str
    role: str
    action: str
    outcome: str
    subject: str


@dataclass(frozen=True)
class Alarm:
    """A rule was met: at which entry, and by what number."""

    rule: Rule
    look: Look
    number: int
    subject: str = ""

    @property
    def id(self) -> str:
        """The same alarm has the same id, so that a log that is read again raises nothing twice."""
        parts = (self.rule.value, self.look.person, self.look.at.astimezone(UTC).date().isoformat(), self.subject)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Habit:
    """How somebody worked on the days before.

    Attributes:
        busiest: distinct subjects of each day's busiest hour.
        repeats: of each day, occasions of the subject that was asked for most often.
        late_days: days with work out of hours.
    """

    busiest: tuple[int, ...] = ()
    repeats: tuple[int, ...] = ()
    late_days: int = 0


@dataclass(frozen=True)
class Worked:
    """How somebody worked on one day: what the habits of later days are made of."""

    busiest: int
    repeats: int
    late: int


@dataclass
class _Person:
    hour: int = -1
    subjects: set[str] = field(default_factory=set)
    busiest: int = 0
    late: int = 0
    refused: int = 0
    occasions: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)


@cache
def load_numbers() -> Mapping[str, Any]:
    """The numbers that the rules go by."""
    return tomllib.loads(files("services.gateway.access").joinpath("anomalies.toml").read_text(encoding="utf-8"))


class Day:
    """One day of the log (UTC: it ends before offices in the region open), entry after entry.

    Args:
        day: which.
        habits: of people on the days before.
    """

    def __init__(self, day: date, habits: Mapping[str, Habit]) -> None:
        self.day = day
        self._habits = habits
        self._people: defaultdict[str, _Person] = defaultdict(_Person)
        self._numbers = load_numbers()

    def see(self, look: Look, near: Near) -> list[Alarm]:
        """What an entry gives rise to; each alarm once a day."""
        if look.role not in self._numbers["human_roles"]:
            return []
        person = self._people[look.person]
        found = [*self._too_near(look, near), *self._refused(look, person)]
        if look.outcome == Outcome.ADMITTED:
            found += [*self._late(look, person)]
            if look.action in _ASKING:
                found += [*self._again(look, person), *self._many(look, person)]
        new = [alarm for alarm in found if alarm.id not in person.raised]
        person.raised.update(alarm.id for alarm in new)
        return new

    def worked(self) -> dict[str, Worked]:
        """How each person worked so far."""
        return {
            name: Worked(person.busiest, max((times for _, times in person.occasions.values()), default=0), person.late)
            for name, person in self._people.items()
        }

    def _too_near(self, look: Look, near: Near) -> Iterator[Alarm]:
        if look.action not in _ASKING or look.outcome == Outcome.REFUSED:
            return
        if any(_told(near, name, look) for name in (f"person {look.person}", f"organisation {look.organisation}")):
            yield Alarm(Rule.NEAR, look, 1, look.subject)
        if look.role in self._numbers["sought_help"]["roles"] and _told(near, SOUGHT_HELP, look):
            yield Alarm(Rule.SOUGHT_HELP, look, 1, look.subject)

    def _refused(self, look: Look, person: _Person) -> Iterator[Alarm]:
        person.refused = person.refused + 1 if look.outcome == Outcome.REFUSED else 0
        if person.refused >= self._numbers["refused_in_a_row"]["attempts"]:
            yield Alarm(Rule.REFUSED_IN_A_ROW, look, person.refused)

    def _late(self, look: Look, person: _Person) -> Iterator[Alarm]:
        numbers, local = self._numbers["out_of_hours"], look.at.astimezone(self._zone(look.member))
        if local.weekday() in numbers["weekdays"] and numbers["from_hour"] <= local.hour < numbers["to_hour"]:
            return
        person.late += 1
        used_to_it = self._habits.get(look.person, Habit()).late_days >= numbers["habit_days"]
        if person.late >= numbers["requests"] and not used_to_it:
            yield Alarm(Rule.OUT_OF_HOURS, look, person.late)

    def _again(self, look: Look, person: _Person) -> Iterator[Alarm]:
        numbers = self._numbers["same_subject"]
        last, times = person.occasions.get(look.subject, (datetime.min.replace(tzinfo=UTC), 0))
        if look.at - last < timedelta(minutes=numbers["minutes_apart"]):
            return
        person.occasions[look.subject] = look.at, times + 1
        if times + 1 >= self._unusual(self._habits.get(look.person, Habit()).repeats, numbers):
            yield Alarm(Rule.SAME_SUBJECT, look, times + 1, look.subject)

    def _many(self, look: Look, person: _Person) -> Iterator[Alarm]:
        numbers, hour = self._numbers["many_subjects"], look.at.astimezone(UTC).hour
        if hour != person.hour:
            person.hour, person.subjects = hour, set()
        person.subjects.add(look.subject)
        person.busiest = max(person.busiest, len(person.subjects))
        if len(person.subjects) >= self._unusual(self._habits.get(look.person, Habit()).busiest, numbers):
            yield Alarm(Rule.MANY_SUBJECTS, look, len(person.subjects))

    def _unusual(self, before: tuple[int, ...], numbers: Mapping[str, Any]) -> float:
        """From how many on it is unusual for somebody: some times the median of their own days."""
        if len(before) < numbers["days"]:
            return float(numbers["without_history"])
        return max(float(numbers["least"]), float(numbers["times"]) * median(before))

    def _zone(self, member: str) -> ZoneInfo:
        return ZoneInfo(self._numbers["zones"].get(member, _PLAIN_ZONE))


def _told(near: Near, name: str, look: Look) -> bool:
    """Whether it was known before the look that the record is too near."""
    since = near.get((name, look.subject))
    return since is not None and since <= look.at
