"""What the register is told of parties, in FollowTheMoney's shape, and of links between them.

Words about guilt come from cases only: properties that could carry them past the due-process rules (topics, notes,
summary, …), and those that a labour register has no business to hold (religion, ethnicity, …), are not taken.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.caller import Member
from shared.contracts.facts import PASSPORT_DIGEST, BirthInterval, Fact, FactBody
from shared.contracts.lines import Line, RecordId
from shared.contracts.provenance import CorrectionGround, Provenance

Schema = Literal["Person", "Company", "Organization", "PublicBody"]

_THING: Final = frozenset(
    {"name", "alias", "previousName", "weakAlias", "country", "address", "sourceUrl", "wikidataId"}
)
_LEGAL_ENTITY: Final = _THING | frozenset(
    {"abbreviation", "email", "phone", "website", "legalForm", "incorporationDate", "dissolutionDate", "sector"}
    | {"registrationNumber", "idNumber", "taxNumber", "licenseNumber", "leiCode", "vatCode", "jurisdiction"}
    | {"mainCountry"}
)
_PERSON: Final = _LEGAL_ENTITY | frozenset(
    {"title", "firstName", "secondName", "middleName", "fatherName", "motherName", "lastName", "nameSuffix"}
    | {"birthDate", "birthPlace", "birthCountry", "deathDate", "position", "nationality", "citizenship"}
    | {"passportNumber", "gender"}
)

PROPERTIES: Final[Mapping[str, frozenset[str]]] = {
    "Person": _PERSON,
    "Company": _LEGAL_ENTITY,
    "Organization": _LEGAL_ENTITY,
    "PublicBody": _LEGAL_ENTITY,
    "LegalEntity": _PERSON,
}
"""Properties by schema. LegalEntity, "person or organisation, unknown which", is for queries only.

Source: FollowTheMoney 4 model, the part that a register of employers needs.
"""

NAME_PROPERTIES: Final = ("name", "alias", "previousName", "weakAlias")
IDENTIFIER_PROPERTIES: Final = ("idNumber", "passportNumber", "registrationNumber")
NATIONALITY_PROPERTIES: Final = ("nationality", "citizenship")
COUNTRY_PROPERTIES: Final = ("country", "jurisdiction", "mainCountry")

_DATE_PROPERTIES: Final = frozenset({"birthDate", "deathDate", "incorporationDate", "dissolutionDate"})
_GENDERS: Final = frozenset({"male", "female", "other"})
_PARTIAL_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_CODED: Final = frozenset({*NATIONALITY_PROPERTIES, *COUNTRY_PROPERTIES, "birthCountry"})
_COUNTRY_CODE: Final = re.compile(r"[A-Za-z]{2}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MAX_VALUES: Final = 200


def _bounded(properties: dict[str, list[str]]) -> dict[str, list[str]]:
    if sum(len(values) for values in properties.values()) > _MAX_VALUES:
        raise ValueError(f"more than {_MAX_VALUES} values")
    return properties


Properties = Annotated[
    dict[
        Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z]{1,39}$")],
        Annotated[list[Line], Field(min_length=1, max_length=50)],
    ],
    Field(min_length=1, max_length=40),
    AfterValidator(_bounded),
]
"""FollowTheMoney properties: every value a list."""


def check_properties(schema: str, properties: Mapping[str, list[str]]) -> None:
    """Refuse properties that the schema does not have, and country codes that could not be compared.

    Raises:
        ValueError: names the property, never its value.
    """
    unknown = sorted(set(properties) - PROPERTIES[schema])
    if unknown:
        raise ValueError(f"{schema} has no property {', '.join(unknown)}")
    for name in sorted(properties):
        _check_country_codes(name, properties[name])


def _check_country_codes(name: str, values: list[str]) -> None:
    if name in _CODED and not all(_COUNTRY_CODE.fullmatch(value) for value in values):
        raise ValueError(f"{name}: a country code of two letters (ISO 3166-1 alpha-2)")


class PartyBody(Provenance):
    """A person, company, organisation or public body, whole: what is not in it is no longer so.

    `properties` are enough; `facts` and `born` tell more about single values. `valid_from` and `valid_to` are the first
    and last day that all of it speaks of: an end that is past tells how it was, and leaves today as it is.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: RecordId | None = None
    schema_: Schema = Field(alias="schema")
    properties: Properties
    facts: Annotated[list[FactBody], Field(max_length=_MAX_VALUES)] = Field(default_factory=list)
    born: BirthInterval | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: Line

    @model_validator(mode="after")
    def _facts_fit(self) -> Self:
        known = PROPERTIES[self.schema_] | ({PASSPORT_DIGEST} if self.schema_ == "Person" else set())
        unknown = sorted({fact.property for fact in self.facts} - known)
        if unknown:
            raise ValueError(f"{self.schema_} has no property {', '.join(unknown)}")
        if self.born is not None and self.schema_ != "Person":
            raise ValueError("only a person is born")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        for fact in self.facts:
            _check_values(fact.property, [fact.value])
        return self

    @model_validator(mode="after")
    def _fits_its_schema(self) -> Self:
        check_properties(self.schema_, self.properties)
        if "name" not in self.properties:
            raise ValueError("a party has a name")
        for name in sorted(self.properties):
            _check_values(name, self.properties[name])
        return self


def _check_values(name: str, values: list[str]) -> None:
    if name in _DATE_PROPERTIES and not all(_is_partial_date(value) for value in values):
        raise ValueError(f"{name}: a date YYYY, YYYY-MM or YYYY-MM-DD")
    if name == "gender" and not _GENDERS.issuperset(values):
        raise ValueError("gender: male, female or other")
    if name == PASSPORT_DIGEST and not all(_DIGEST.fullmatch(value) for value in values):
        raise ValueError(f"{name}: SHA-256, 64 hexadecimal digits in small letters")
    _check_country_codes(name, values)


def _is_partial_date(value: str) -> bool:
    parts = _PARTIAL_DATE.fullmatch(value)
    if parts is None:
        return False
    try:
        date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    except ValueError:
        return False
    return True


class PartyRecord(BaseModel):
    """A party as the register holds it."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    schema_: Schema = Field(alias="schema")
    caption: str
    properties: dict[str, list[str]]
    facts: list[Fact] = Field(description="Every value, with what is known about it.")
    born: BirthInterval | None
    valid_from: date | None
    valid_to: date | None
    authority: str | None
    document_digest: str | None
    member: Member
    source: str
    version: int = Field(description="1 when first recorded; every earlier version is kept.")
    first_seen: datetime
    last_change: datetime


class PartyPage(BaseModel):
    """Some parties, in the order of their ids."""

    results: list[PartyRecord]
    damaged: list[str] = Field(description="Ids of parties of this page that are stored but cannot be read.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class LinkKind(StrEnum):
    """What one party is to another: `from` is the KIND of `to`. A successor goes on under another name."""

    OWNER = "owner"
    DIRECTOR = "director"
    REPRESENTATIVE = "representative"
    PRINCIPAL = "principal"
    SUCCESSOR = "successor"
    FAMILY = "family"


class LinkBody(Provenance):
    """One party is the owner, director, representative, principal, successor or family of another."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: RecordId = Field(alias="from")
    to: RecordId
    kind: LinkKind
    since: date | None = None
    until: date | None = None
    source: Line | None = Field(default=None, description="Family is only recorded where a source says so.")
    retracted: CorrectionGround | None = Field(default=None, description="It should never have been told, and why.")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.from_ == self.to:
            raise ValueError("a party is not linked to itself")
        if self.since and self.until and self.until < self.since:
            raise ValueError("until is before since")
        if self.kind is LinkKind.FAMILY and self.source is None:
            raise ValueError("family is only recorded with the source that says so")
        return self


class LinkRecord(LinkBody):
    """A link as the register holds it."""

    id: str
    member: Member
    version: int


class LinksOnDay(BaseModel):
    """The links of a party that held on a day, whichever end it is at."""

    party: str
    on: date
    links: list[LinkRecord]
