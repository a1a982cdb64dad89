"""What the register is told: parties in FollowTheMoney's shape, links between them, cases and licences.

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

RecordId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
"""An id that the recording system gives: it survives a re-import."""

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")
]
"""One line of text in any script, without control characters."""

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
    for name in sorted(_CODED & set(properties)):
        if not all(_COUNTRY_CODE.fullmatch(value) for value in properties[name]):
            raise ValueError(f"{name}: a country code of two letters (ISO 3166-1 alpha-2)")


class PartyBody(BaseModel):
    """A person, company, organisation or public body, whole: what is not in it is no longer so."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: RecordId | None = None
    schema_: Schema = Field(alias="schema")
    properties: Properties
    source: Line

    @model_validator(mode="after")
    def _fits_its_schema(self) -> Self:
        check_properties(self.schema_, self.properties)
        if "name" not in self.properties:
            raise ValueError("a party has a name")
        for name in sorted(_DATE_PROPERTIES & set(self.properties)):
            if not all(_is_partial_date(value) for value in self.properties[name]):
                raise ValueError(f"{name}: a date YYYY, YYYY-MM or YYYY-MM-DD")
        if not _GENDERS.issuperset(self.properties.get("gender", ())):
            raise ValueError("gender: male, female or other")
        return self


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
    member: Member
    source: str
    version: int = Field(description="1 when first recorded; every earlier version is kept.")
    first_seen: datetime
    last_change: datetime


class PartyPage(BaseModel):
    """Some parties, in the order of their ids."""

    results: list[PartyRecord]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class LinkKind(StrEnum):
    """What one party is to another: `from` is the KIND of `to`."""

    OWNER = "owner"
    DIRECTOR = "director"
    REPRESENTATIVE = "representative"
    PRINCIPAL = "principal"


class LinkBody(BaseModel):
    """One party is the owner, director, representative or principal of another."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: RecordId = Field(alias="from")
    to: RecordId
    kind: LinkKind
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.from_ == self.to:
            raise ValueError("a party is not linked to itself")
        if self.since and self.until and self.until < self.since:
            raise ValueError("until is before since")
        return self


class LinkRecord(LinkBody):
    """A link as the register holds it."""

    id: str
    member: Member
    version: int


class Offence(StrEnum):
    """The closed list of offences."""

    TRAFFICKING_IN_PERSONS = "trafficking_in_persons"
    FORCED_LABOUR = "forced_labour"
    CHILD_LABOUR = "child_labour"
    PASSPORT_RETENTION = "passport_retention"
    WAGE_THEFT = "wage_theft"
    ILLEGAL_RECRUITMENT = "illegal_recruitment"
    EXCESSIVE_FEES = "excessive_fees"
    CONTRACT_SUBSTITUTION = "contract_substitution"


def _as_set(offences: list[Offence]) -> list[Offence]:
    return sorted(set(offences))


class Proceeding(StrEnum):
    """Before whom a case is: a criminal court, or an authority that decides by itself."""

    CRIMINAL = "criminal"
    ADMINISTRATIVE = "administrative"


class Stage(StrEnum):
    """How far a case has got. Of an administrative case, `convicted` reads: decided against the party."""

    REPORTED = "reported"
    UNDER_INVESTIGATION = "under_investigation"
    CHARGED = "charged"
    ON_TRIAL = "on_trial"
    CONVICTED = "convicted"
    ACQUITTED = "acquitted"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Appeal(StrEnum):
    """What has become of the appeal against a conviction or decision."""

    NONE = "none"
    PENDING = "pending"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class LegalStatus(StrEnum):
    """What may be said of a party because of a case. Different words for different things, everywhere."""

    ALLEGED = "ALLEGED"
    CHARGED = "CHARGED"
    CONVICTED_APPEALABLE = "CONVICTED_APPEALABLE"
    CONVICTED_FINAL = "CONVICTED_FINAL"
    ACQUITTED = "ACQUITTED"
    WITHDRAWN = "WITHDRAWN"
    ADMIN_FINAL = "ADMIN_FINAL"


class CaseBody(BaseModel):
    """A case against a party, as it stands now."""

    model_config = ConfigDict(extra="forbid")

    party: RecordId
    offences: Annotated[list[Offence], Field(min_length=1, max_length=len(Offence)), AfterValidator(_as_set)]
    proceeding: Proceeding = Proceeding.CRIMINAL
    stage: Stage
    appeal: Appeal = Appeal.NONE
    opened_on: date
    final_on: date | None = Field(default=None, description="From this day no ordinary appeal is open any more.")
    court: Line | None = None
    source: Line

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.stage is not Stage.CONVICTED and (self.appeal is not Appeal.NONE or self.final_on is not None):
            raise ValueError("only a conviction or decision is appealed or becomes final")
        if self.final_on is not None and self.appeal is Appeal.PENDING:
            raise ValueError("nothing is final while an appeal is pending")
        if self.final_on is not None and self.final_on < self.opened_on:
            raise ValueError("final_on is before opened_on")
        return self


class CaseRecord(CaseBody):
    """A case as the register holds it, with what may be said of it today."""

    id: str
    member: Member
    version: int
    as_of: datetime
    status: LegalStatus
    label: str
    proven: bool


class LicenceStatus(StrEnum):
    """Whether a recruitment agency may recruit."""

    VALID = "valid"
    PROVISIONAL = "provisional"
    CONDITIONS = "conditions"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DELISTED = "delisted"
    BANNED = "banned"


class LicenceBody(BaseModel):
    """The status of a licence from one day to another; every one told is kept."""

    model_config = ConfigDict(extra="forbid")

    party: RecordId
    number: Line
    authority: Line
    status: LicenceStatus
    national_code: Line | None = Field(default=None, description="The authority's own word for the status, verbatim.")
    valid_from: date
    valid_to: date | None = Field(default=None, description="Last day; null: until told otherwise.")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        return self


class LicenceRecord(LicenceBody):
    """A licence as the register holds it: the period last told."""

    id: str
    member: Member
    version: int


class LicenceOnDay(BaseModel):
    """A licence as it stood on one day."""

    id: str
    number: str
    authority: str
    member: Member
    status: LicenceStatus
    national_code: str | None
    valid_from: date
    valid_to: date | None


class LicencesOnDay(BaseModel):
    """A party's licences on one day; one that had not begun then is not among them."""

    party: str
    on: date
    licences: list[LicenceOnDay]
