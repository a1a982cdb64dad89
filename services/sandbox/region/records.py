"""What a synthetic region consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from shared.contracts.cases import Appeal, Offence, Stage
from shared.contracts.licences import LicenceStatus
from shared.contracts.parties import LinkKind

REFERENCE = date(2026, 6, 1)
"""The region's own today: every age and date follows from it, so that results never change with the clock."""


class Plant(StrEnum):
    """What is hidden in the region to be found. The first six are the codes of registration signals."""

    SAME_PERSON_OTHER_IDENTITY = "SAME_PERSON_OTHER_IDENTITY"
    DOCUMENT_NUMBER_REUSED = "DOCUMENT_NUMBER_REUSED"
    PORTRAIT_MISMATCH = "PORTRAIT_MISMATCH"
    MRZ_CHECK_DIGIT = "MRZ_CHECK_DIGIT"
    CHILD_POSSIBLE = "CHILD_POSSIBLE"
    BELOW_SECTOR_MINIMUM = "BELOW_SECTOR_MINIMUM"
    SCREENING_CONVICTED = "SCREENING_CONVICTED"
    SCREENING_LINKED_CONVICTION = "SCREENING_LINKED_CONVICTION"
    SCREENING_NOT_PROVEN = "SCREENING_NOT_PROVEN"
    SCREENING_LOOKALIKE = "SCREENING_LOOKALIKE"


class Shot(NamedTuple):
    """A photo: `portray(*shot)` takes it. Shot 0 is the passport portrait."""

    person: int
    shot: int


class Impression(NamedTuple):
    """A print: `impress(grow_finger(finger), impression)` takes it."""

    finger: int
    impression: int


@dataclass(frozen=True)
class Party:
    """A person or company in the register of a member.

    Attributes:
        member: who keeps the record, ISO 3166-1 alpha-3.
        schema: FollowTheMoney schema, `Person` or `Company`.
        properties: FollowTheMoney property to values; countries as ISO 3166-1 alpha-2 in small letters.
    """

    id: str
    member: str
    schema: str
    properties: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Link:
    """Who stands behind a company: `party` is the KIND of `company` (both ids of parties)."""

    id: str
    member: str
    kind: LinkKind
    party: str
    company: str
    since: date


@dataclass(frozen=True)
class Case:
    """How far a criminal proceeding against a party has got; the fields mean what the register's contract says."""

    id: str
    member: str
    party: str
    stage: Stage
    appeal: Appeal
    offences: tuple[Offence, ...]
    court: str
    opened_on: date
    final_on: date | None = None


@dataclass(frozen=True)
class Licence:
    """A recruitment licence; `national_code` is the member's own word for its status, verbatim."""

    id: str
    member: str
    party: str
    number: str
    authority: str
    status: LicenceStatus
    national_code: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class Enrolment:
    """A worker at a registration desk, with the truth about them.

    Attributes:
        reference: the desk's own, unique in the region.
        member: where the desk is.
        name: passport's spelling; native_name: own script.
        birth: as the worker and the document state it.
        mrz: TD3, two lines parted by a line feed; what it states equals the fields here.
        fingers: by position (`right-index`, `left-index`).
        sector: as in `shared.standards.ages.Sector`.
        plants: the signals that must be raised, and no others.
        situation: what happens here, in snake case; `clean` for nothing.
        person: truth: who really stands there (number within the region).
        earlier: truth: reference of the same person's earlier enrolment.
    """

    reference: str
    member: str
    name: str
    native_name: str
    birth: date
    sex: str
    nationality: str
    passport: str
    mrz: str
    portrait: Shot
    live: Shot
    fingers: Mapping[str, Impression]
    destination: str
    sector: str
    start: date
    plants: tuple[Plant, ...]
    situation: str
    person: int
    earlier: str | None = None


@dataclass(frozen=True)
class Screening:
    """A question to the register and what must come of it.

    Attributes:
        schema, properties: the query, as FollowTheMoney.
        expect: ids of parties that must be found (matched, or linked to the matched one).
        expect_kind: what the answer must show: a final conviction of the party itself, of somebody linked to it, a
            proceeding labelled as not proven, or (look-alike) no proven hit.
        must_not_match: ids that must not come back as a match with a proven case.
    """

    label: str
    schema: str
    properties: Mapping[str, tuple[str, ...]]
    expect: tuple[str, ...]
    expect_kind: Plant
    must_not_match: tuple[str, ...]


@dataclass(frozen=True)
class Region:
    """Everything there is; enrolments in the order in which they happen."""

    seed: int
    parties: tuple[Party, ...]
    links: tuple[Link, ...]
    cases: tuple[Case, ...]
    licences: tuple[Licence, ...]
    enrolments: tuple[Enrolment, ...]
    screenings: tuple[Screening, ...]
