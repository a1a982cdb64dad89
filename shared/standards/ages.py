"""Minimum ages by corridor and sector, and what a birth date that is only partly known says about them.

Two questions are kept apart: may this be a child (always 18, the child-protection route), and is this adult
below the minimum of the sector (a matter for the labour office).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources import files

from shared.standards.dates import DateInterval, parse_partial_date

CHILD_AGE = 18
"""A child is every person under 18. Source: UN CRC Art. 1; ILO C182 Art. 2."""


class Sector(StrEnum):
    """Kinds of work the rules tell apart. ANY means every sector in a rule, not stated in a question."""

    ANY = "any"
    DOMESTIC = "domestic"
    NON_DOMESTIC = "non_domestic"
    MANUFACTURING = "manufacturing"
    CONSTRUCTION = "construction"
    PLANTATION = "plantation"
    SERVICES = "services"
    FISHING = "fishing"
    SEAFARING = "seafaring"
    SEAFOOD_PROCESSING = "seafood_processing"
    HAZARDOUS = "hazardous"


class Side(StrEnum):
    """Who set the rule."""

    ORIGIN = "O"
    DESTINATION = "D"
    INTERNATIONAL = "I"


class Confidence(StrEnum):
    """How well the row is sourced."""

    SOURCE = "S"
    SECONDARY = "S2"
    UNCONFIRMED = "M"


class AgeStatus(StrEnum):
    """Where a person stands against a minimum age."""

    ABOVE = "ABOVE"
    BELOW = "BELOW"
    UNDETERMINED = "UNDETERMINED"


class AgeRuleError(ValueError):
    """A row of the rules' table that cannot be read."""


@dataclass(frozen=True, slots=True)
class AgeRule:
    """One dated, sourced minimum age.

    Attributes:
        iso: ISO 3166-1 alpha-3 of the state that set it; INT for international instruments.
        minimum: whole years.
        valid_from, valid_to: first and last day of force; None is open.
    """

    iso: str
    side: Side
    sector: Sector
    minimum: int
    valid_from: date | None
    valid_to: date | None
    basis: str
    confidence: Confidence

    @property
    def is_binding(self) -> bool:
        """Whether it may raise a floor: sourced, or the definition of a child, which is beyond doubt."""
        return self.confidence is not Confidence.UNCONFIRMED or self._defines_child

    @property
    def _defines_child(self) -> bool:
        return self.side is Side.INTERNATIONAL and self.sector is Sector.ANY and self.minimum == CHILD_AGE

    def applies(self, origin: str, destination: str, sector: Sector, on: date) -> bool:
        """Whether it governs this corridor and sector on that day."""
        iso = {Side.ORIGIN: origin, Side.DESTINATION: destination, Side.INTERNATIONAL: self.iso}[self.side]
        return self.iso == iso and self._covers(sector) and self._in_force(on)

    def _covers(self, sector: Sector) -> bool:
        if self.sector is Sector.NON_DOMESTIC:
            return sector not in {Sector.ANY, Sector.DOMESTIC}
        return self.sector in {Sector.ANY, sector}

    def _in_force(self, on: date) -> bool:
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class Floor:
    """The lowest lawful age, and the rules it rests on.

    Attributes:
        minimum: whole years, never below CHILD_AGE.
        fired: binding rules that apply, highest first.
        advisory: rules that apply but still have to be confirmed; they never raise the minimum.
    """

    minimum: int
    fired: tuple[AgeRule, ...]
    advisory: tuple[AgeRule, ...]


def load_rules() -> tuple[AgeRule, ...]:
    """The rules shipped with this release.

    Raises:
        AgeRuleError: a row is malformed; says which.
    """
    text = files("shared.standards").joinpath("age_rules.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(_rule(row, number) for number, row in enumerate(rows, start=2))


def _rule(row: dict[str, str], line: int) -> AgeRule:
    try:
        return AgeRule(
            iso=row["iso"],
            side=Side(row["side"]),
            sector=Sector(row["sector"]),
            minimum=int(row["minimum"]),
            valid_from=parse_partial_date(row["valid_from"]).earliest if row["valid_from"] else None,
            valid_to=parse_partial_date(row["valid_to"]).latest if row["valid_to"] else None,
            basis=row["basis"],
            confidence=Confidence(row["confidence"]),
        )
    except (KeyError, ValueError) as error:
        raise AgeRuleError(f"age_rules.csv line {line}: {error}") from error


def age_floor(origin: str, destination: str, sector: Sector, on: date, rules: Iterable[AgeRule]) -> Floor:
    """The minimum age for a worker of origin in a sector at destination.

    Args:
        origin, destination: ISO 3166-1 alpha-3.
        sector: ANY where not stated: then only rules for every sector apply.
        on: the intended first day of work.
    """
    matching = [rule for rule in rules if rule.applies(origin, destination, sector, on)]
    matching.sort(key=lambda rule: (-rule.minimum, rule.iso, rule.basis))
    fired = tuple(rule for rule in matching if rule.is_binding)
    advisory = tuple(rule for rule in matching if not rule.is_binding)
    return Floor(max([CHILD_AGE, *(rule.minimum for rule in fired)]), fired, advisory)


def birthday(birth: date, years: int) -> date:
    """The day a person born on birth reaches an age.

    Somebody born on 29 February reaches it on 1 March of a common year: states differ, and in doubt a child
    is protected a day longer.
    """
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        if (birth.month, birth.day) != (2, 29):
            raise
        return date(birth.year + years, 3, 1)


def age_on(birth: date, on: date) -> int:
    """Completed years of age; negative before birth."""
    years = on.year - birth.year
    return years if birthday(birth, years) <= on else years - 1


def age_status(birth: DateInterval, minimum: int, on: date) -> AgeStatus:
    """Where a person stands against a minimum on a day.

    ABOVE or BELOW only where every possible birth date says so; UNDETERMINED asks for documents and is never a
    ground to refuse.
    """
    if age_on(birth.latest, on) >= minimum:
        return AgeStatus.ABOVE
    if age_on(birth.earliest, on) < minimum:
        return AgeStatus.BELOW
    return AgeStatus.UNDETERMINED


def possibly_child(birth: DateInterval, on: date) -> bool:
    """Whether the person may be under 18 on that day: in doubt, a child.

    Source: UN CRC General Comment 6, para. 31 (benefit of the doubt).
    """
    return age_on(birth.latest, on) < CHILD_AGE
