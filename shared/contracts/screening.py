"""Screening as yente's clients know it (`POST /match`, `GET /search`), with due process in the answer."""

from datetime import date, datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.json_schema import SkipJsonSchema

from shared.contracts.caller import Member
from shared.contracts.cases import LegalStatus, Offence
from shared.contracts.facts import Fact
from shared.contracts.licences import LicenceStatus
from shared.contracts.lines import Line
from shared.contracts.listings import ListingState
from shared.contracts.parties import (
    IDENTIFIER_PROPERTIES,
    NAME_PROPERTIES,
    LinkKind,
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


class Feature(BaseModel):
    """All that one field said, as yente has it; the values that were compared are not repeated."""

    score: float
    detail: str
    query: str | None = None
    candidate: str | None = None
    weight: float | None = None


class SourcedFact(Fact):
    """A value with where it comes from, and of when that is."""

    as_of: datetime = Field(description="When the register was last told the record that holds it.")


class ClearanceMark(BaseModel):
    """The caller's organisation has looked at this hit before and cleared it."""

    id: str
    reason: str
    evidence: str | None
    cleared_at: datetime
    stands: bool = Field(description="False: the party has changed since in what matters; judge anew.")


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
    under_appeal: bool = Field(default=False, description="A decision against it is appealed and stayed for now.")


class ScreenedListing(BaseModel):
    """A listing that still stands or is under way; one that is not public is no finding, and its label says so."""

    id: str
    state: ListingState
    label: str
    public: bool
    grounds: list[Offence]
    authority: str | None
    member: Member
    listed_from: date | None
    until: date | None


class ScreenedEntry(BaseModel):
    """What an imported list says of the party, in that list's words: no finding of this register."""

    source: str
    member: Member = Field(description="Who imported the list.")
    listed_from: date | None
    listed_to: date | None
    grounds: str | None
    national_code: str | None


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
    listings: list[ScreenedListing]
    entries: list[ScreenedEntry] = Field(
        default_factory=list, description="Lists of other authorities that name the party on the day."
    )
    links: list[ScreenedLink]
    explanations: dict[str, Feature] = Field(description="By field, as yente has them.")
    reasons: list[Explanation] = Field(default_factory=list, description="The evidence in words, names first.")
    topics: list[str] = Field(default_factory=list, description="FollowTheMoney's, from final decisions only.")
    facts: list[SourcedFact] = Field(
        default_factory=list, description="Every value shown, with its source, authority, document and days."
    )
    clearance: ClearanceMark | None = Field(
        default=None, description="The caller's organisation cleared this hit: shown, and no match while it stands."
    )
    member: Member
    material: SkipJsonSchema[str] = Field(default="", exclude=True)


class Total(BaseModel):
    """How many answers there are in all."""

    value: int
    relation: Literal["eq", "gte"] = "eq"


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
    threshold: float | None = Field(default=None, description="The bar of a match that this answer was made with.")
    threshold_version: int = Field(default=0, description="Which of the office's thresholds; 0: the calibrated one.")


class FacetValue(BaseModel):
    """How many answers have a value."""

    name: str
    label: str
    count: int


class Facet(BaseModel):
    """The values of one property over all answers, not only those of the page."""

    label: str
    values: list[FacetValue]


class SearchResponse(BaseModel):
    """Parties whose names are like the words searched for."""

    limit: int
    offset: int = 0
    total: Total
    results: list[ScreeningResult]
    facets: dict[str, Facet] = Field(default_factory=dict)
