"""What an agency may charge a worker, by corridor and sector: dated rules with their source; unconfirmed yet."""

import csv
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from importlib.resources import files
from typing import Final

from shared.standards.ages import Confidence, Sector, Side


class FeeRuleError(ValueError):
    """A row of the rules' table that cannot be read."""


@dataclass(frozen=True, slots=True)
class FeeRule:
    """One dated, sourced rule.

    Attributes:
        iso: ISO 3166-1 alpha-3 of the state that set it; INT for international instruments.
        may_charge: whether the worker may be charged anything at all.
        rule: in words.
        months_a_year: months of wage that may be asked for each year of the contract; None: the length does not count.
        months_most: months of wage that may be asked at most; None where nothing may be.
        valid_from, valid_to: first and last day of force; None is open.
    """

    iso: str
    side: Side
    sector: Sector
    may_charge: bool
    rule: str
    months_a_year: int | None
    months_most: int | None
    valid_from: date | None
    valid_to: date | None
    basis: str
    confidence: Confidence

    def applies(self, origin: str, destination: str, sector: Sector, on: date) -> bool:
        """Whether it governs this corridor and sector on that day."""
        iso = {Side.ORIGIN: origin, Side.DESTINATION: destination, Side.INTERNATIONAL: "INT"}[self.side]
        in_force = (self.valid_from or date.min) <= on <= (self.valid_to or date.max)
        return self.iso == iso and self.sector in {Sector.ANY, sector} and in_force

    def cap(self, contract_months: int) -> Fraction:
        """How many months of wage may be asked. A year begun counts by its months: ours, rules are silent."""
        if not self.may_charge or self.months_most is None:
            return Fraction(0)
        if self.months_a_year is None:
            return Fraction(self.months_most)
        return min(Fraction(self.months_most), Fraction(self.months_a_year * contract_months, 12))


def load_fee_rules() -> tuple[FeeRule, ...]:
    """The rules shipped with this release.

    Raises:
        FeeRuleError: a row is malformed; says which.
    """
    text = files("shared.standards").joinpath("placement_fees.csv").read_text(encoding="utf-8")
    return tuple(_rule(row, line) for line, row in enumerate(csv.DictReader(text.splitlines()), start=2))


def fee_rules(
    origin: str, destination: str, sector: Sector, on: date, rules: tuple[FeeRule, ...]
) -> tuple[FeeRule, ...]:
    """The rules that govern a corridor: those of the sector before those of every sector, the strictest first."""
    found = [rule for rule in rules if rule.applies(origin, destination, sector, on)]
    return tuple(sorted(found, key=lambda rule: (rule.may_charge, rule.sector is Sector.ANY, rule.iso)))


def highest_fee(
    origin: str, destination: str, sector: Sector, on: date, months: int | None, rules: tuple[FeeRule, ...]
) -> Fraction | None:
    """The most that a worker of a corridor may be charged by national law, in months of wage; None: no rule is known.

    Of each state the sector's own rule stands before that of every sector; of two states the stricter. International
    instruments allow exceptions by law, and whether there is one is not known where no national rule is.

    Args:
        months: how long the contract runs; None: not known, then as for the longest.
    """
    found = fee_rules(origin, destination, sector, on, rules)
    national = [rule for rule in found if rule.side is not Side.INTERNATIONAL]
    special = {rule.iso for rule in national if rule.sector is not Sector.ANY}
    ruling = [rule for rule in national if rule.sector is not Sector.ANY or rule.iso not in special]
    return min((rule.cap(months or _LONGEST) for rule in ruling), default=None)


_LONGEST: Final = 240
"""Months; longer than any limit counts."""


def _rule(row: dict[str, str], line: int) -> FeeRule:
    try:
        return FeeRule(
            iso=row["iso"],
            side=Side(row["side"]),
            sector=Sector(row["sector"]),
            may_charge={"yes": True, "no": False}[row["may_charge"]],
            rule=row["rule"],
            months_a_year=int(row["months_a_year"]) if row["months_a_year"] else None,
            months_most=int(row["months_most"]) if row["months_most"] else None,
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            basis=row["basis"],
            confidence=Confidence(row["confidence"]),
        )
    except (KeyError, ValueError) as error:
        raise FeeRuleError(f"placement_fees.csv, line {line}: {error}") from error
