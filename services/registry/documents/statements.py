"""What several papers state of one bearer, and where they differ. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.registry.documents.names import same_name
from shared.contracts.registrations import BirthRecord, RegistrationRequest
from shared.standards.dates import DateInterval, parse_partial_date
from shared.standards.mrz import Mrz, MrzFormatError, birth_interval


@dataclass(frozen=True)
class Statement:
    """What one source says; None: nothing.

    Attributes:
        source: typed, mrz, chip, seal, birth_record.
        cut: whether the name may be cut short.
    """

    source: str
    name: str | None = None
    birth: DateInterval | None = None
    nationality: str | None = None
    number: str | None = None
    cut: bool = False


def of_zone(source: str, zone: Mrz, today: date) -> Statement:
    """What a zone states."""
    name = f"{zone.surname} {zone.given_names}".strip()
    return Statement(
        source,
        name,
        zone_birth(zone, today),
        zone.nationality,
        plain_number(zone.document_number),
        zone.names_may_be_cut,
    )


def of_typed(request: RegistrationRequest) -> Statement:
    """What was typed."""
    number = request.document.number if request.document else None
    born = parse_partial_date(request.born)
    return Statement("typed", request.name, born, request.nationality, plain_number(number) if number else None)


def of_birth_record(record: BirthRecord) -> Statement:
    """What a birth record states."""
    return Statement("birth_record", record.name, parse_partial_date(record.born))


def zone_birth(zone: Mrz, today: date) -> DateInterval | None:
    """The birth date of a zone, where it is one."""
    try:
        return birth_interval(zone.birth, today)
    except MrzFormatError:
        return None


def plain_number(number: str) -> str:
    """A document number as it is compared: blanks, dashes, fillers and case tell no two documents apart."""
    return "".join(character for character in number.upper() if character.isalnum())


def differing(one: Statement, other: Statement) -> list[str]:
    """Which fields contradict each other; what one does not say contradicts nothing."""
    found = []
    if one.name and other.name and not _same_name(one, other):
        found.append("name")
    if one.birth and other.birth and not one.birth.overlaps(other.birth):
        found.append("birth_date")
    found += [
        field
        for field in ("nationality", "number")
        if getattr(one, field) and getattr(other, field) and getattr(one, field) != getattr(other, field)
    ]
    return found


def contradicted(one: Statement, others: Iterable[Statement]) -> dict[str, list[str]]:
    """By source, the fields in which others contradict a statement."""
    found = {other.source: differing(one, other) for other in others if other.source != one.source}
    return {source: fields for source, fields in found.items() if fields}


def _same_name(one: Statement, other: Statement) -> bool:
    """A name that was cut short is compared as far as it goes."""
    if not (one.cut or other.cut) or one.name is None or other.name is None:
        return same_name(one.name or "", other.name or "")
    length = min(len(one.name), len(other.name))
    return same_name(one.name[:length], other.name[:length]) or same_name(one.name, other.name)
