"""Queries compared with their candidates, on a thread: names are work for the processor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from services.registry.screening.kept_names import read_names
from services.registry.screening.matching import THRESHOLD, Match, Party, Query, match, schemas_agree
from services.registry.screening.names import Name
from shared.contracts.parties import COUNTRY_PROPERTIES, NAME_PROPERTIES, NATIONALITY_PROPERTIES
from shared.contracts.screening import QueryEntity

Properties = Mapping[str, Sequence[str]]
AnyParty = TypeVar("AnyParty", bound=Party)

CUTOFF: Final = 0.5
"""Below it a candidate is not shown."""


@dataclass(frozen=True)
class Candidate:
    """A party as far as it is compared.

    Attributes:
        seq: its row's.
        schema, properties: FollowTheMoney's.
        names: its names as they are kept (kept_names.py); None where they are not yet.
    """

    seq: int
    schema: str
    properties: Properties
    names: bytes | None

    def party(self, query: Query) -> Party:
        """The same for the matcher, its names ready where they will be compared."""
        names = self.names if schemas_agree(query.schema, self.schema) else None
        return _evidence(Party, self.schema, self.properties, read_names(names) if names else None)


@dataclass(frozen=True)
class Hit:
    """A party that may be the one asked about."""

    seq: int
    match: Match


@dataclass(frozen=True)
class Bar:
    """How alike a candidate must be.

    Attributes:
        cutoff: least score that is shown.
        threshold: least score of a match. It can be raised above THRESHOLD and not lowered: a low bar would make
            matches out of look-alikes.
        limit: most candidates shown per query.
    """

    cutoff: float = CUTOFF
    threshold: float = THRESHOLD
    limit: int = 5


def as_query(query: QueryEntity) -> Query:
    """A query from the wire, for the matcher."""
    return _evidence(Query, query.schema_, query.properties, None)


def _evidence(kind: type[AnyParty], schema: str, properties: Properties, ready: Mapping[str, Name] | None) -> AnyParty:
    """All spellings of the name as names, all ties to a country as countries."""
    return kind(
        schema=schema,
        name=_values(properties, NAME_PROPERTIES),
        nationality=_values(properties, NATIONALITY_PROPERTIES),
        country=_values(properties, COUNTRY_PROPERTIES),
        birthDate=_values(properties, ("birthDate",)),
        gender=_values(properties, ("gender",)),
        idNumber=_values(properties, ("idNumber",)),
        passportNumber=_values(properties, ("passportNumber",)),
        registrationNumber=_values(properties, ("registrationNumber",)),
        ready=ready,
    )


def _values(properties: Properties, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name in names for value in properties.get(name, ())))


def compare(query: Query, candidates: Sequence[Candidate], bar: Bar) -> list[Hit]:
    """The candidates above the cutoff, most alike first; all of them, so that they can be counted."""
    hits = [Hit(candidate.seq, match(query, candidate.party(query))) for candidate in candidates]
    return sorted((hit for hit in hits if hit.match.score >= bar.cutoff), key=_likeness)


def _likeness(hit: Hit) -> tuple[float, bool, int]:
    return (-hit.match.score, not hit.match.match, hit.seq)
