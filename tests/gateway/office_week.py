"""A made week of an office's work, as entries of the log, with misuse planted in it. The same for the same seed."""

# ruff: noqa: S311  chance that must be the same for the same seed

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.gateway.access.anomaly_rules import Look, Rule

ZONE = ZoneInfo("Asia/Jakarta")
MONDAY = datetime(2026, 9, 7, tzinfo=ZONE)

WORK = {  # role: subjects an hour (least, most), share of subjects looked at again later, share of refused requests
    "desk_officer": (4, 10, 0.25, 0.01),
    "licensing_officer": (6, 20, 0.10, 0.01),
    "labour_inspector": (2, 8, 0.20, 0.01),
    "investigator": (1, 6, 0.40, 0.02),
    "adjudicator": (2, 5, 0.50, 0.005),
    "child_protection": (1, 3, 0.50, 0.005),
}


@dataclass(frozen=True)
class Officer:
    """Somebody with a way of working."""

    name: str
    role: str
    pace: float
    late_evenings: float
    """Share of days with an hour of work after closing: a child does not wait for the morning."""


def officers(seed: int, count: int = 60) -> list[Officer]:
    chance = random.Random(f"officers {seed}")
    late = {"child_protection": 0.3, "investigator": 0.15}
    return [
        Officer(f"u{number:03d}", role, chance.uniform(0.6, 1.4), late.get(role, 0.01))
        for number in range(count)
        for role in [list(WORK)[number % len(WORK)]]
    ]


def weeks(seed: int, staff: list[Officer], count: int) -> list[Look]:
    """Honest work of some weeks."""
    looks = [
        look
        for officer in staff
        for day in range(7 * count)
        for look in _day(random.Random(f"{seed} {officer.name} {day}"), officer, MONDAY + timedelta(days=day))
    ]
    return numbered(looks)


def numbered(looks: list[Look]) -> list[Look]:
    """In the order of time, as the log has them."""
    return [
        Look(number, *list(vars(look).values())[1:])
        for number, look in enumerate(sorted(looks, key=lambda each: each.at), 1)
    ]


def _day(chance: random.Random, officer: Officer, midnight: datetime) -> Iterator[Look]:
    weekday = midnight.weekday()
    if weekday == 6 or (weekday == 5 and chance.random() < 0.7) or chance.random() < 0.06:
        return
    least, most, again, refused = WORK[officer.role]
    hours = list(range(8, 12)) + list(range(13, 17))
    if chance.random() < officer.late_evenings:
        hours.append(chance.choice([20, 21, 22]))
    rush = 2.0 if chance.random() < 0.05 else 1.0
    seen: list[str] = []
    for hour in hours:
        for number in range(round(chance.uniform(least, most) * officer.pace * rush)):
            subject = f"{officer.name} {midnight:%j} {hour} {number}"
            if seen and chance.random() < again:
                subject = chance.choice(seen[-12:])
            seen.append(subject)
            at = midnight + timedelta(hours=hour, seconds=chance.uniform(0, 3599))
            yield look(officer, at, subject, "refused" if chance.random() < refused else "admitted")


def look(officer: Officer, at: datetime, subject: str, outcome: str = "admitted", action: str = "read") -> Look:
    return Look(0, at.astimezone(UTC), officer.name, "an office", "IDN", officer.role, action, outcome, subject)


def misuse(seed: int, staff: list[Officer], day: datetime) -> dict[Rule, tuple[Officer, list[Look]]]:
    """One of each, by somebody of the staff, on one day, among their honest work."""
    chance = random.Random(f"misuse {seed}")
    desk, licensing, inspector, adjudicator, other = (
        chance.choice([each for each in staff if each.role == role])
        for role in ("desk_officer", "licensing_officer", "labour_inspector", "adjudicator", "desk_officer")
    )

    def at(hour: float) -> datetime:
        return day + timedelta(hours=hour, seconds=chance.uniform(0, 60))

    return {
        Rule.SAME_SUBJECT: (desk, [look(desk, at(8 + number * 0.7), "a neighbour") for number in range(9)]),
        Rule.MANY_SUBJECTS: (
            licensing,
            [look(licensing, at(14 + number / 200), f"everybody {number}") for number in range(120)],
        ),
        Rule.OUT_OF_HOURS: (
            inspector,
            [look(inspector, at(1 + number * 0.05), f"night {number}") for number in range(8)],
        ),
        Rule.REFUSED_IN_A_ROW: (
            adjudicator,
            [look(adjudicator, at(12.5 + number / 1000), f"try {number}", "refused") for number in range(8)],
        ),
        Rule.NEAR: (other, [look(other, at(10.2), "an uncle's company", action="screen")]),
    }
