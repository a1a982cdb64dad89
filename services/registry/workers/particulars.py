"""Who a registration says the worker is, and how two such statements compare. Pure."""

from dataclasses import dataclass

from rapidfuzz.fuzz import token_sort_ratio

from shared.contracts.registrations import Relation
from shared.standards.dates import DateInterval, parse_partial_date
from shared.standards.mrz import MrzFormatError, transliterate

SAME_NAME_RATIO = 90.0
"""Spelling difference, in percent of token_sort_ratio, up to which two passport spellings count as one name.

Wide enough for one letter in a name of ten; a larger difference is told to a human, who may know better.
"""


@dataclass(frozen=True)
class Particulars:
    """What a registration says of a worker."""

    name: str
    native_name: str | None
    born: str
    sex: str | None
    nationality: str | None
    document: tuple[str, str] | None  # issuer, number

    @property
    def birth(self) -> DateInterval:
        """Every day on which the worker may have been born."""
        return parse_partial_date(self.born)


def differences(one: Particulars, other: Particulars) -> list[str]:
    """Which particulars contradict each other; unknown contradicts nothing."""
    found = []
    if not same_name(one.name, other.name):
        found.append("name")
    if not one.birth.overlaps(other.birth):
        found.append("birth_date")
    found += [
        field
        for field in ("sex", "nationality", "document")
        if getattr(one, field) and getattr(other, field) and getattr(one, field) != getattr(other, field)
    ]
    return found


def relation(found: list[str]) -> Relation:
    """Another document alone is no other identity: passports are renewed."""
    return Relation.OTHER_IDENTITY if set(found) - {"document"} else Relation.RE_REGISTRATION


def same_name(one: str, other: str) -> bool:
    """Whether two passport spellings are one name, whatever the order of its parts."""
    return token_sort_ratio(_latin(one), _latin(other)) >= SAME_NAME_RATIO


def _latin(name: str) -> str:
    try:
        return transliterate(name).replace("<", " ")
    except MrzFormatError:  # a script that Doc 9303 has no table for: compared as it is
        return name.casefold()
