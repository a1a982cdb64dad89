"""What an agency may charge a worker, by corridor and sector: dated rules with their source; unconfirmed yet."""

import csv
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

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
        valid_from, valid_to: first and last day of force; None is open.
    """

    iso: str
    side: Side
    sector: Sector
    may_charge: bool
    rule: str
    valid_from: date | None
    valid_to: date | None
    basis: str
    confidence: Confidence

    def applies(self, origin: str, destination: str, sector: Sector, on: date) -> bool:
        """Whether it governs this corridor and sector on that day."""
        iso = {Side.ORIGIN: origin, Side.DESTINATION: destination, Side.INTERNATIONAL: "INT"}[self.side]
        in_force = (self.valid_from or date.min) <= on <= (self.valid_to or date.max)
        return self.iso == iso and self.sector in {Sector.ANY, sector} and in_force


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


def _rule(row: dict[str, str], line: int) -> FeeRule:
    try:
        return FeeRule(
            iso=row["iso"],
            side=Side(row["side"]),
            sector=Sector(row["sector"]),
            may_charge={"yes": True, "no": False}[row["may_charge"]],
            rule=row["rule"],
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            basis=row["basis"],
            confidence=Confidence(row["confidence"]),
        )
    except (KeyError, ValueError) as error:
        raise FeeRuleError(f"placement_fees.csv, line {line}: {error}") from error
