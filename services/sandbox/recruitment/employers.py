"""Employers, and what their workers tell: few complain of anybody, some of those who are wronged."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.sandbox.recruitment.agencies import DAYS
from services.sandbox.recruitment.kinds import PLANTED_SHARE, Near
from services.sandbox.recruitment.records import Complaint, Conversation
from services.sandbox.region.records import REFERENCE
from shared.contracts.cases import Offence
from shared.contracts.red_flags import FlagRule

_ORIGINS: Final = ("IDN", "PHL", "VNM", "MMR", "KHM", "LAO")
_DESTINATIONS: Final = ("MYS", "SGP", "THA", "BRN")
_HOME: Final = 0.3
"""Share of complaints that are made at home, after the return."""
_BASE: Final = 0.003
"""Share of workers who complain of an employer who wrongs nobody."""
_OTHER: Final = (Offence.WAGE_THEFT, Offence.DEBT_BONDAGE, Offence.RESTRICTION_OF_MOVEMENT)


@dataclass(frozen=True)
class Employer:
    """An employer with what is so of it."""

    id: str
    member: str
    workers: int
    origins: tuple[str, ...]
    planted: frozenset[FlagRule]
    near: frozenset[Near]


def draw_employers(count: int, rng: random.Random) -> list[Employer]:
    """Employers of some or of hundreds of workers."""
    share: dict[FlagRule | Near, float] = {
        FlagRule.RETAINED_PASSPORTS: PLANTED_SHARE,
        FlagRule.COMPLAINTS_FROM_SEVERAL_MEMBERS: PLANTED_SHARE,
        Near.TWICE_IN_OTHER_WORDS: 0.01,
        Near.COMPLAINT_THEN_TALK: 0.03,
        Near.LARGE_EMPLOYER: 0.03,
    }
    drawn = {what: set(rng.sample(range(count), max(1, round(part * count)))) for what, part in share.items()}
    return [
        _employer(number, {what for what, numbers in drawn.items() if number in numbers}, rng)
        for number in range(count)
    ]


def _employer(number: int, so: set[FlagRule | Near], rng: random.Random) -> Employer:
    large = Near.LARGE_EMPLOYER in so
    return Employer(
        f"employer-{number:04d}",
        rng.choice(_DESTINATIONS),
        rng.randint(200, 800) if large else rng.randint(5, 120),
        tuple(rng.sample(_ORIGINS, 3)),
        frozenset(what for what in so if isinstance(what, FlagRule)),
        frozenset(what for what in so if isinstance(what, Near)),
    )


def what_is_told(employer: Employer, rng: random.Random) -> tuple[list[Complaint], list[Conversation]]:
    """The complaints about an employer, and the conversations in which it is named."""
    complaints = [_complaint(employer, (rng.choice(_OTHER),), rng) for _ in _those(employer.workers, _BASE, rng)]
    conversations: list[Conversation] = []
    if FlagRule.COMPLAINTS_FROM_SEVERAL_MEMBERS in employer.planted:
        complaints += [_complaint(employer, (rng.choice(_OTHER),), rng) for _ in _those(employer.workers, 0.1, rng)]
    if FlagRule.RETAINED_PASSPORTS in employer.planted:
        kept = (Offence.PASSPORT_RETENTION,)
        complaints += [_complaint(employer, kept, rng, home=0.0) for _ in _those(employer.workers, 0.03, rng)]
        conversations += [_talk(employer, n, rng) for n in _those(employer.workers, 0.03, rng)]
    if Near.TWICE_IN_OTHER_WORDS in employer.near:
        complaints += [_complaint(employer, (Offence.PASSPORT_RETENTION,), rng, home=0.0) for _ in range(2)]
    if Near.COMPLAINT_THEN_TALK in employer.near:
        talk = _talk(employer, 999, rng)
        conversations.append(talk)
        complaints.append(
            Complaint(employer.id, employer.member, talk.on, (Offence.PASSPORT_RETENTION,), conversation=talk.id)
        )
    return complaints, conversations


def about_agencies(planted: Sequence[tuple[str, str]], rng: random.Random) -> list[Complaint]:
    """Complaints of fees: some workers of agencies that take too much, by agency and member."""
    return [
        Complaint(agency, member, _day(rng), (Offence.EXCESSIVE_FEES,))
        for agency, member in planted
        for _ in range(rng.choice((0, 0, 1, 1, 2)))
    ]


def _those(workers: int, share: float, rng: random.Random) -> list[int]:
    return [number for number in range(workers) if rng.random() < share]


def _complaint(employer: Employer, offences: tuple[Offence, ...], rng: random.Random, home: float = _HOME) -> Complaint:
    member = rng.choice(employer.origins) if rng.random() < home else employer.member
    return Complaint(employer.id, member, _day(rng), offences)


def _talk(employer: Employer, number: int, rng: random.Random) -> Conversation:
    return Conversation(f"A{employer.id}-{number}", employer.id, employer.member, _day(rng), papers_kept=True)


def _day(rng: random.Random) -> date:
    return REFERENCE - timedelta(days=rng.randrange(DAYS))
