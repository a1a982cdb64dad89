"""Currencies in which wages are owed and paid in this region, with the digits of their smallest unit.

Source: ISO 4217:2015, list one (alphabetic code, minor unit), for the member states, where their workers go, and what
donors give. Unicode's CLDR has other digits (kyat and kip 0), for it says how prices are written, not what is owed.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files


class CurrencyUnknownError(ValueError):
    """A code that is not in the table."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency; `digits` after the decimal point make its minor unit."""

    code: str
    digits: int
    name: str


@cache
def currencies() -> dict[str, Currency]:
    """All of the table by code."""
    text = files("shared.standards").joinpath("currencies.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: Currency(row["code"], int(row["digits"]), row["name"]) for row in rows}


def currency(code: str) -> Currency:
    """One by its ISO 4217 code.

    Raises:
        CurrencyUnknownError: it is not in the table.
    """
    found = currencies().get(code)
    if found is None:
        raise CurrencyUnknownError(f"amounts are in {', '.join(currencies())}")
    return found


def in_major_units(minor: int, code: str) -> Decimal:
    """An amount as it is written: 150000 IDR of minor units are 1500.00.

    Raises:
        CurrencyUnknownError: the currency is not in the table.
    """
    return Decimal(minor).scaleb(-currency(code).digits)
