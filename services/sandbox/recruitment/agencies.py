"""Agencies and their workers: sizes as uneven as life's, and what is planted in an agency done to its workers."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from services.sandbox.recruitment.kinds import PLANTED_SHARE, Near
from services.sandbox.region.casting import CORRIDORS, Corridor
from services.sandbox.region.records import REFERENCE
from shared.contracts.red_flags import FlagRule
from shared.standards.ages import Sector, age_floor, load_rules
from shared.standards.placement_fees import highest_fee, load_fee_rules

DAYS: Final = 330
AGE_RULES: Final = load_rules()
_FEES: Final = load_fee_rules()
_MEAN_WORKERS: Final = 48
_SPREAD: Final = 0.9
"""Standard deviation of the logarithm of an agency's size."""
_NEAR_SHARE: Final = {
    Near.FAMILY: 0.3,
    Near.VILLAGE_PHONE: 0.1,
    Near.GROUP_LEADER: 0.15,
    Near.LEADER_TWICE: 0.02,
    Near.AIRPORT_OFFICER: 0.2,
    Near.YOUNG: 0.02,
}
_OF_AGENCIES: Final = (
    FlagRule.CONTRACT_SUBSTITUTION,
    FlagRule.SHARED_CONTACT,
    FlagRule.ONE_HOLDER,
    FlagRule.FEES_ABOVE_CAP,
    FlagRule.AGE_HEAPING,
)


@dataclass
class Agency:
    """An agency with what is so of it.

    Attributes:
        share: of its workers to whom what is planted is done.
        most_fee: that its workers may be charged, in months' wages; None: no rule on file.
    """

    id: str
    corridor: Corridor
    size: int
    share: float
    most_fee: float | None
    planted: set[FlagRule] = field(default_factory=set)
    near: set[Near] = field(default_factory=set)


@dataclass
class Worker:
    """A worker in the making."""

    agency: Agency
    on: date
    born: date
    phone: str
    account: str
    holder: str | None = None
    affected: set[FlagRule] = field(default_factory=set)


def draw_agencies(workers: int, rng: random.Random) -> list[Agency]:
    """Agencies that place so many workers together, nearly."""
    agencies: list[Agency] = []
    while sum(agency.size for agency in agencies) < workers:
        corridor = rng.choice(CORRIDORS)
        size = max(3, round(_MEAN_WORKERS * rng.lognormvariate(-_SPREAD * _SPREAD / 2, _SPREAD)))
        most = highest_fee(*corridor[:2], Sector(corridor.sector), REFERENCE, 24, _FEES)
        name = f"agency-{len(agencies):04d}"
        share = rng.uniform(0.15, 0.9)
        agencies.append(Agency(name, corridor, size, share, None if most is None else float(most)))
    for rule in _OF_AGENCIES:
        able = [each for each in agencies if rule is not FlagRule.FEES_ABOVE_CAP or each.most_fee is not None]
        for agency in rng.sample(able, min(len(able), max(1, round(PLANTED_SHARE * len(agencies))))):
            agency.planted.add(rule)
    for near, part in _NEAR_SHARE.items():
        for agency in rng.sample(agencies, max(1, round(part * len(agencies)))):
            agency.near.add(near)
    return agencies


def draw_workers(agency: Agency, rng: random.Random) -> list[Worker]:
    """An agency's workers, with what is planted in it and what only looks so."""
    workers = [_worker(agency, rng) for _ in range(agency.size)]
    for rule in sorted(agency.planted):
        for worker in workers:
            if rng.random() < agency.share:
                worker.affected.add(rule)
    _plant(agency, workers, rng)
    _mislead(agency, workers, rng)
    return workers


def share_centres(agencies: list[list[Worker]], rng: random.Random) -> frozenset[str]:
    """Training centres: a fifth of the workers of six agencies of one state give the centre's telephone.

    Returns:
        The agencies.
    """
    touched = set()
    for _ in range(max(1, len(agencies) // 15)):
        centre, origin = _number(rng), rng.choice(agencies)[0].agency.corridor.origin
        near = [workers for workers in agencies if workers[0].agency.corridor.origin == origin]
        for workers in rng.sample(near, min(6, len(near))):
            touched.add(workers[0].agency.id)
            for worker in workers:
                if rng.random() < 0.2:
                    worker.phone = centre
    return frozenset(touched)


def _worker(agency: Agency, rng: random.Random) -> Worker:
    on = REFERENCE - timedelta(days=rng.randrange(DAYS))
    years = rng.uniform(0, 5) if Near.YOUNG in agency.near else rng.expovariate(1 / 6)
    return Worker(agency, on, _born(agency, years * 365.25), _number(rng), f"BANK {rng.randrange(10**9):09d}")


def _born(agency: Agency, days_above: float) -> date:
    corridor = agency.corridor
    floor = age_floor(corridor.origin, corridor.destination, Sector(corridor.sector), REFERENCE, AGE_RULES)
    return REFERENCE.replace(year=REFERENCE.year - floor.minimum) - timedelta(days=int(min(days_above, 9000)))


def _number(rng: random.Random) -> str:
    return f"+62 8{rng.randrange(10**9):09d}"


def _plant(agency: Agency, workers: list[Worker], rng: random.Random) -> None:
    phone, account, holder, by_account = (
        _number(rng),
        f"BANK {rng.randrange(10**9):09d}",
        f"Agent {agency.id}",
        rng.random() < 0.5,
    )
    for worker in workers:
        if FlagRule.SHARED_CONTACT in worker.affected:
            worker.account, worker.phone = (account, worker.phone) if by_account else (worker.account, phone)
        if FlagRule.ONE_HOLDER in worker.affected:
            worker.holder = holder
        if FlagRule.AGE_HEAPING in worker.affected:
            worker.born = _born(agency, rng.randrange(250))


def _mislead(agency: Agency, workers: list[Worker], rng: random.Random) -> None:
    if Near.FAMILY in agency.near:
        _together(rng.sample(workers, min(len(workers), rng.randint(3, 5))), rng, account=rng.random() < 0.5)
    if Near.VILLAGE_PHONE in agency.near:
        _together(rng.sample(workers, min(len(workers), rng.randint(4, 9))), rng, account=False)
    leader = f"Leader {agency.id}"
    if {Near.GROUP_LEADER, Near.LEADER_TWICE} & agency.near:
        _journey(rng.sample(workers, min(len(workers), rng.randint(6, 20))), leader, rng)
    if Near.LEADER_TWICE in agency.near:
        _journey(rng.sample(workers, min(len(workers), rng.randint(6, 20))), leader, rng)
    if Near.AIRPORT_OFFICER in agency.near:
        _journey(rng.sample(workers, min(len(workers), rng.randint(6, 20))), None, rng)


def _together(family: list[Worker], rng: random.Random, *, account: bool) -> None:
    for worker in family[1:]:
        worker.phone = family[0].phone
        worker.account = family[0].account if account else worker.account
        worker.on = family[0].on + timedelta(days=rng.randrange(3))


def _journey(group: list[Worker], leader: str | None, rng: random.Random) -> None:
    day = REFERENCE - timedelta(days=rng.randrange(DAYS))
    for worker in group:
        worker.on, worker.holder = day, leader or worker.holder
