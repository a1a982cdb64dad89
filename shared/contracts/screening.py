"""Screening as yente's clients know it (`POST /match`, `GET /search`), with due process in the answer."""

from datetime import date, datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.caller import Member
from shared.contracts.parties import (
    IDENTIFIER_PROPERTIES,
    NAME_PROPERTIES,
    LegalStatus,
    LicenceStatus,
    Line,
    LinkKind,
    Offence,
    Properties,
    Schema,
    check_properties,
)

QuerySchema = Literal["Person", "Company", "Organization", "PublicBody", "LegalEntity"]
NoCase = Literal["NONE"]

MAX_NAMES: Final = 10
"""Names a query may try."""


def _listed(properties: object) -> object:
    """A bare string is taken, as yente does, where FollowTheMoney has a list."""
    if not isinstance(properties, dict):
        return properties
    return {name: [value] if isinstance(value, str) else value for name, value in properties.items()}


class QueryEntity(BaseModel):
    """The party that is asked about, as far as the caller knows it."""

    model_config = ConfigDict(populate_by_name=True)

    id: Line | None = None
    schema_: QuerySchema = Field(alias="schema")
    properties: Annotated[Properties, BeforeValidator(_listed)]

    @model_validator(mode="after")
    def _can_be_answered(self) -> Self:
        check_properties(self.schema_, self.properties)
        names = sum(len(self.properties.get(name, ())) for name in NAME_PROPERTIES)
        if names > MAX_NAMES:
            raise ValueError(f"more than {MAX_NAMES} names")
        if not names and not set(IDENTIFIER_PROPERTIES) & set(self.properties):
            raise ValueError(f"neither a name nor one of {', '.join(IDENTIFIER_PROPERTIES)}")
        return self


class MatchRequest(BaseModel):
    """Up to 100 parties to look for; the caller names each query."""

    queries: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,100}$")], QueryEntity],
        Field(min_length=1, max_length=100),
    ]


class Explanation(BaseModel):
    """What one field said for or against, in words."""

    field: str
    score: float
    text: str


class ScreenedCase(BaseModel):
    """A case that still stands."""

    id: str
    status: LegalStatus
    label: str
    offences: list[Offence]
    court: str | None
    member: Member
    as_of: datetime


class ScreenedLicence(BaseModel):
    """A licence as it stands on the day of the answer."""

    number: str
    authority: str
    status: LicenceStatus
    on: date


class LinkedParty(BaseModel):
    """The other end of a link."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    caption: str
    schema_: Schema = Field(alias="schema")


class ScreenedLink(BaseModel):
    """A party one hop away, with its own worst status."""

    kind: LinkKind
    direction: Literal["in", "out"] = Field(
        description="in: that party is the KIND of this one; out: this one is the KIND of that party."
    )
    party: LinkedParty
    status: LegalStatus | NoCase
    status_label: str
    proven: bool


class ScreeningResult(BaseModel):
    """One possible answer. A name alone never makes it a match: it is a person to look at, not a finding."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    caption: str
    schema_: Schema = Field(alias="schema")
    properties: dict[str, list[str]]
    datasets: list[str]
    referents: list[str]
    target: bool = Field(description="True when something is proven by a final decision; never before.")
    first_seen: datetime
    last_seen: datetime
    last_change: datetime
    score: float
    match: bool
    features: dict[str, float]
    status: LegalStatus | NoCase = Field(description="The gravest status over the cases that still stand.")
    status_label: str
    proven: bool
    cases: list[ScreenedCase]
    licences: list[ScreenedLicence]
    links: list[ScreenedLink]
    explanations: list[Explanation]
    member: Member


class Total(BaseModel):
    """How many answers there are in all."""

    value: int
    relation: Literal["eq"] = "eq"


class QueryAnswer(BaseModel):
    """The answer to one query."""

    status: int = 200
    results: list[ScreeningResult]
    total: Total
    query: QueryEntity


class MatcherField(BaseModel):
    """What the matcher makes of a field."""

    description: str


class MatchResponse(BaseModel):
    """The answers by query name."""

    responses: dict[str, QueryAnswer]
    matcher: dict[str, MatcherField]
    limit: int


class SearchResponse(BaseModel):
    """Parties whose names are like the words searched for."""

    limit: int
    offset: int = 0
    total: Total
    results: list[ScreeningResult]
    facets: dict[str, str] = Field(default_factory=dict)
