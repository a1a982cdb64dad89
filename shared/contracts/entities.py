"""A party as yente's `/entities` has it: FollowTheMoney JSON, with legal status and the source of every value."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.caller import Member
from shared.contracts.cases import LegalStatus
from shared.contracts.screening import NoCase, ScreenedCase, ScreenedLicence, ScreenedListing, SourcedFact, Total


class Entity(BaseModel):
    """A FollowTheMoney entity: a party, or what ties one to another. Ids in properties may be entities themselves."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    caption: str
    schema_: str = Field(alias="schema")
    properties: dict[str, list[str | Entity]]
    datasets: list[Member]
    referents: list[str] = Field(default_factory=list)
    target: bool = Field(default=False, description="Something is proven by a final decision; never before.")
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    last_change: datetime | None = None


class EntityRecord(Entity):
    """A party by its id, with what stands against it today and where each value comes from."""

    member: Member
    source: str
    status: LegalStatus | NoCase
    status_label: str
    proven: bool
    topics: list[str]
    cases: list[ScreenedCase]
    licences: list[ScreenedLicence]
    listings: list[ScreenedListing]
    facts: list[SourcedFact] = Field(description="Every value, with its source, authority, document, days and age.")


class AdjacentProperty(BaseModel):
    """The entities at one property of another."""

    results: list[Entity]
    total: Total
    limit: int
    offset: int


class AdjacentEntities(BaseModel):
    """An entity and what is adjacent to it, by property."""

    entity: EntityRecord
    adjacent: dict[str, AdjacentProperty]


class Dataset(BaseModel):
    """A dataset that can be asked: the whole register, or what one member state recorded."""

    name: str
    title: str
    summary: str
    version: str
    load: bool = True
    index_current: bool = True
    index_version: str
    entity_count: int
    thing_count: int
    updated_at: datetime | None
    children: list[str]


class Catalog(BaseModel):
    """All datasets."""

    datasets: list[Dataset]
    current: list[str]
    outdated: list[str] = Field(default_factory=list)
    index_stale: bool = False


class AlgorithmDocument(BaseModel):
    """What a field is to the matcher."""

    description: str


class Algorithm(BaseModel):
    """A way of scoring."""

    name: str
    description: str
    docs: dict[str, AlgorithmDocument]


class Algorithms(BaseModel):
    """The ways of scoring; there is one."""

    algorithms: list[Algorithm]
    default: str
    best: str
