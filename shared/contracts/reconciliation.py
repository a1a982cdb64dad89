"""The Reconciliation Service API 0.2 (W3C Entity Reconciliation Community Group), as OpenRefine speaks it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from shared.contracts.lines import Line, RecordId

MAX_QUERIES = 50

_Value = str | float | bool | dict[str, Any]
_Name = Annotated[str, StringConstraints(max_length=100)]


class PropertyValue(BaseModel):
    """What is known of the party besides its name; a property that the register does not keep counts for nothing."""

    pid: _Name
    v: _Value | Annotated[list[_Value], Field(max_length=50)] | None = None


class ReconciliationQuery(BaseModel):
    """A cell to reconcile."""

    query: Line
    type: _Name | Annotated[list[_Name], Field(max_length=20)] | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    properties: Annotated[list[PropertyValue], Field(max_length=40)] = Field(default_factory=list)
    type_strict: Literal["any", "all", "should"] | None = None


class ExtendProperty(BaseModel):
    """A column to add."""

    id: _Name
    settings: dict[str, Any] = Field(default_factory=dict)


class ExtendRequest(BaseModel):
    """Columns to add to reconciled cells."""

    ids: Annotated[list[RecordId], Field(max_length=200)]
    properties: Annotated[list[ExtendProperty], Field(max_length=40)]


class ReconciliationRequest(BaseModel):
    """Either queries by the caller's names, or columns to add."""

    queries: Annotated[dict[_Name, ReconciliationQuery], Field(max_length=MAX_QUERIES)] | None = None
    extend: ExtendRequest | None = None


class Named(BaseModel):
    """An id with what people call it."""

    id: str
    name: str


class Suggestion(Named):
    """Something to choose while typing."""

    description: str | None = None
    notable: list[Named] | None = None


class Suggestions(BaseModel):
    """What may be meant by the letters typed so far."""

    result: list[Suggestion]


class MatchFeature(BaseModel):
    """How much a field speaks for the candidate."""

    id: str
    value: float


class ReconciliationCandidate(Named):
    """A party that may be meant. Only an identifying match is one; a name alone never is."""

    description: str
    type: list[Named]
    score: float = Field(description="0 to 100.")
    match: bool
    features: list[MatchFeature]


class ReconciliationAnswer(BaseModel):
    """Candidates for a query."""

    result: list[ReconciliationCandidate]


class Manifest(BaseModel):
    """What the service can do."""

    versions: list[str]
    name: str
    identifierSpace: str  # noqa: N815  the API's own names
    schemaSpace: str  # noqa: N815
    documentation: str
    defaultTypes: list[dict[str, Any]]  # noqa: N815
    view: dict[str, Any]
    preview: dict[str, Any]
    suggest: dict[str, Any]
    extend: dict[str, Any]
    authentication: dict[str, Any]


class Extension(BaseModel):
    """Values of the columns asked for, by id."""

    meta: list[Named]
    rows: dict[str, dict[str, list[dict[str, Any]]]]


class ProposedProperties(BaseModel):
    """Columns that can be added to parties of a type."""

    type: str
    limit: int
    properties: list[Named]


ReconciliationDocument = Manifest | Extension | dict[str, ReconciliationAnswer]
"""What the one address of the API answers: what it can do, columns, or candidates by the caller's names of queries."""
