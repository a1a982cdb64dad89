"""Published indicators of forced labour and trafficking: six core ones, ILO's eleven, ILO/EC's 67; what maps where."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType


class IndicatorSet(StrEnum):
    """Who published an indicator."""

    SAP_FL = "sap_fl"
    """Special Action Programme to combat Forced Labour: six core indicators."""
    ILO_ELEVEN = "ilo_eleven"
    DELPHI = "delphi"
    """ILO and European Commission, agreed by a Delphi survey: adults, labour exploitation."""


class Dimension(StrEnum):
    """The six dimensions of the Delphi indicators."""

    DECEPTIVE_RECRUITMENT = "1"
    COERCIVE_RECRUITMENT = "2"
    RECRUITMENT_BY_ABUSE = "3"
    EXPLOITATION = "4"
    COERCION_AT_DESTINATION = "5"
    ABUSE_AT_DESTINATION = "6"


class Weight(StrEnum):
    """How much a Delphi indicator says by itself."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


class CatalogueError(ValueError):
    """A row of the table that cannot be read, or that maps to a code that is not there."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator as it was published.

    Attributes:
        code: ours, short and stable.
        dimension, weight: of a Delphi indicator; None of others.
        same_as: codes of other sets that say the same; a tick of this one is a tick of those.
        htcds: values of HTCDS 2.0, `vic_MethodsOfControl`.
        confirmed: name and weight were read in the source, not told from memory.
    """

    code: str
    of: IndicatorSet
    dimension: Dimension | None
    weight: Weight | None
    name: str
    gloss: str
    same_as: tuple[str, ...]
    htcds: tuple[str, ...]
    source: str
    confirmed: bool


@cache
def catalogue() -> Mapping[str, Indicator]:
    """All indicators by code, in the order of their publication.

    Raises:
        CatalogueError: a row is malformed; says which.
    """
    text = files("shared.standards.indicators").joinpath("indicators.csv").read_text(encoding="utf-8")
    rows = [_indicator(row, line) for line, row in enumerate(csv.DictReader(text.splitlines()), start=2)]
    known = {row.code: row for row in rows}
    if len(known) != len(rows):
        raise CatalogueError("a code stands there twice")
    for row in rows:
        if lost := set(row.same_as) - known.keys():
            raise CatalogueError(f"{row.code} maps to {sorted(lost)}, which are not there")
    return MappingProxyType(known)


def implied_by(codes: Iterable[str]) -> frozenset[str]:
    """These indicators and all that say the same in another set, step by step."""
    known, waiting = catalogue(), list(codes)
    found: set[str] = set()
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting.extend(known[code].same_as)
    return frozenset(found)


def _indicator(row: dict[str, str], line: int) -> Indicator:
    try:
        return Indicator(
            code=row["code"],
            of=IndicatorSet(row["set"]),
            dimension=Dimension(row["dimension"]) if row["dimension"] else None,
            weight=Weight(row["strength"]) if row["strength"] else None,
            name=row["name"],
            gloss=row["gloss"],
            same_as=tuple(filter(None, row["same_as"].split("|"))),
            htcds=tuple(filter(None, row["htcds"].split("|"))),
            source=row["source"],
            confirmed={"S": True, "M": False}[row["confidence"]],
        )
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"indicators.csv, line {line}: {error}") from error
