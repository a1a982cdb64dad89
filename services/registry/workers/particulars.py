"""Who a registration says the worker is, and how two such statements compare. Pure."""

from dataclasses import dataclass

from services.registry.documents.names import same_name
from shared.contracts.registrations import Relation
from shared.standards.dates import DateInterval, parse_partial_date


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
