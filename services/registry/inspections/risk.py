"""Where to go next: points for each thing that is known of a workplace, each in words, and a share at random. Pure."""

import csv
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from shared.contracts.licences import LicenceStatus
from shared.contracts.red_flags import FlagStrength, RedFlag
from shared.contracts.visits import Chosen, PlannedPlace, RiskFactor, VisitPlace

RANDOM_SHARE: Final = 0.2
"""Of a plan: what nobody complains of and no register shows is found by chance alone. Ours."""
_FLAG: Final = {FlagStrength.WEAK: 1, FlagStrength.MEDIUM: 2, FlagStrength.STRONG: 3}
_MOST_FLAGS: Final = 6
_MOST_COMPLAINTS: Final = 4
_LONG: Final = 365
_LATELY: Final = 90
_BAD_STANDING: Final = frozenset(
    {
        LicenceStatus.SUSPENDED,
        LicenceStatus.PREVENTIVE_SUSPENSION,
        LicenceStatus.CANCELLED,
        LicenceStatus.EXPIRED,
        LicenceStatus.DELISTED,
        LicenceStatus.DENIED_RENEWAL,
        LicenceStatus.BANNED,
    }
)


@dataclass(frozen=True)
class Known:
    """What is known of a workplace.

    Attributes:
        complaints: of the last year that labour inspection tied to the party.
        listed: on a final decision.
        licences: how they stand.
        last_visit: day of the last one that was carried out; None: never.
        overdue: something was to be put right by a day that has passed.
    """

    party: str | None
    place: VisitPlace | None
    area: str | None
    flags: Sequence[RedFlag] = ()
    complaints: int = 0
    listed: bool = False
    licences: Collection[LicenceStatus] = ()
    last_visit: date | None = None
    overdue: bool = False


@cache
def place_weights() -> dict[VisitPlace, RiskFactor]:
    """What kinds of workplace weigh, with reason, source and whether that was read or told from memory."""
    text = files("services.registry.inspections").joinpath("places.csv").read_text(encoding="utf-8")
    return {VisitPlace(row["place"]): _weight(row) for row in csv.DictReader(text.splitlines())}


def _weight(row: dict[str, str]) -> RiskFactor:
    sure = {"M": "unconfirmed", "S": "confirmed"}[row["confidence"]]
    return RiskFactor(factor="place", points=int(row["points"]), says=f"{row['says']} ({row['source']}; {sure})")


def factors(known: Known, today: date) -> list[RiskFactor]:
    """Everything that puts a workplace earlier or later; what weighs nothing is left out."""
    flags = min(sum(_FLAG[flag.strength] for flag in known.flags), _MOST_FLAGS)
    rules = ", ".join(sorted(flag.rule.value for flag in known.flags))
    bad = sorted(status.value for status in known.licences if status in _BAD_STANDING)
    found = [
        RiskFactor(factor="flags", points=flags, says=f"red flags: {rules}"),
        RiskFactor(
            factor="complaints",
            points=min(known.complaints, _MOST_COMPLAINTS),
            says=f"{known.complaints} complaints in a year",
        ),
        RiskFactor(factor="listed", points=3 if known.listed else 0, says="listed on a final decision"),
        RiskFactor(factor="licence", points=2 if bad else 0, says=f"licence: {', '.join(bad)}"),
        RiskFactor(factor="overdue", points=3 if known.overdue else 0, says="something was to be put right by now"),
        _since(known.last_visit, today),
        *([place_weights()[known.place]] if known.place else []),
    ]
    return [each for each in found if each.points]


def _since(last: date | None, today: date) -> RiskFactor:
    if last is None:
        return RiskFactor(factor="last_visit", points=2, says="never visited")
    days = (today - last).days
    points = 1 if days > _LONG else -2 if days < _LATELY else 0
    return RiskFactor(factor="last_visit", points=points, says=f"last visited {days} days ago")


def plan(workplaces: Sequence[Known], today: date, limit: int, chance: random.Random) -> list[PlannedPlace]:
    """The workplaces to visit next: most of them by their points, the rest drawn from all others.

    Args:
        chance: whose draw nobody outside can foretell.
    """
    ranked = sorted((_planned(known, today) for known in workplaces), key=_order)
    by_risk = ranked[: limit - round(limit * RANDOM_SHARE)]
    others = ranked[len(by_risk) :]
    drawn = chance.sample(others, min(len(others), limit - len(by_risk)))
    return [*by_risk, *(each.model_copy(update={"chosen": Chosen.RANDOM}) for each in drawn)]


def _planned(known: Known, today: date) -> PlannedPlace:
    found = factors(known, today)
    points = sum(each.points for each in found)
    return PlannedPlace(
        party=known.party, place=known.place, area=known.area, points=points, chosen=Chosen.RISK, factors=found
    )


def _order(place: PlannedPlace) -> tuple[int, str, str, str]:
    return -place.points, place.party or "", place.place or "", place.area or ""
