"""Screening over HTTP, in yente's shape: its clients work against it unchanged."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.exceptions import RequestValidationError
from pydantic import StringConstraints, TypeAdapter, ValidationError

from services.registry.admission import ReaderDep
from services.registry.screening.answers import MATCHER
from services.registry.screening.candidates import MAX_CANDIDATES
from services.registry.screening.catalog import algorithms, catalog, require_algorithm
from services.registry.screening.clearances import Clearances
from services.registry.screening.entities import adjacent_by, adjacent_entities, entity
from services.registry.screening.scope import Scope, parse_values, scoped_datasets
from services.registry.screening.screener import Screener
from services.registry.screening.search import Window, search
from services.registry.screening.thresholds import office_bar
from shared.contracts.entities import AdjacentEntities, AdjacentProperty, Algorithms, Catalog, EntityRecord
from shared.contracts.lines import Line, RecordId
from shared.contracts.screening import MatchRequest, MatchResponse, QueryEntity, QuerySchema, SearchResponse
from shared.db.database import now
from shared.http.state import DatabaseDep, held

router = APIRouter(tags=["screening"])

_MOST: Final = 50
_Word = Annotated[str, StringConstraints(pattern=r"^[\w.:-]{1,64}$")]
DatasetName = Annotated[str, Path(pattern=r"^[\w.-]{1,64}$")]
Words = Annotated[list[_Word], Query(max_length=_MOST)]


ScreenerDep = Annotated[Screener, held("screener")]
ClearancesDep = Annotated[Clearances, held("clearances")]
Limit = Annotated[int, Query(ge=1, le=_MOST, description="results per query")]
Offset = Annotated[int, Query(ge=0, le=10_000)]


async def _scope(
    dataset: DatasetName,
    database: DatabaseDep,
    include_dataset: Words = [],  # noqa: B006  FastAPI copies it
    exclude_dataset: Words = [],  # noqa: B006
    exclude_schema: Words = [],  # noqa: B006
    topics: Words = [],  # noqa: B006
    exclude_entity_ids: Annotated[list[RecordId], Query(max_length=200)] = [],  # noqa: B006
    changed_since: Annotated[
        str | None, Query(max_length=40, description="a day, or an instant; only what changed since")
    ] = None,
) -> Scope:
    """What both ways of asking narrow by."""
    async with database.read() as session:
        datasets = await scoped_datasets(session, dataset, include_dataset, exclude_dataset)
    return Scope(
        datasets=datasets,
        without_datasets=frozenset(exclude_dataset),
        without_schemata=frozenset(exclude_schema),
        topics=frozenset(topics),
        without_ids=frozenset(exclude_entity_ids),
        changed_since=_instant(changed_since),
    )


_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(datetime)


def _instant(text: str | None) -> datetime | None:
    """A day or an instant; without a zone it is UTC."""
    if not text:
        return None
    try:
        instant = _INSTANT.validate_strings(text)
        instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)
    except (ValidationError, OverflowError) as error:
        raise RequestValidationError([{"loc": ("query", "changed_since"), "msg": "a day or an instant"}]) from error


ScopeDep = Annotated[Scope, Depends(_scope)]


@router.post("/match/{dataset}", operation_id="match")  # noqa: FAST003  the scope reads it
async def match_parties(
    body: MatchRequest,
    caller: ReaderDep,
    database: DatabaseDep,
    screener: ScreenerDep,
    clearances: ClearancesDep,
    scope: ScopeDep,
    limit: Limit = 5,
    threshold: Annotated[
        float | None, Query(ge=0, le=1, description="can raise the office's bar of a match, not lower it")
    ] = None,
    cutoff: Annotated[float | None, Query(ge=0, le=1, description="least score that is shown")] = None,
    algorithm: Annotated[str | None, Query(max_length=64, description="as in /algorithms")] = None,
) -> MatchResponse:
    """Who in the register the parties asked about may be, with reasons and legal status."""
    require_algorithm(algorithm)
    async with database.read() as session:
        bar, version = await office_bar(session, caller, limit, threshold, cutoff)
    answers = await screener.screen(list(body.queries.values()), bar, now().date(), scope)
    async with database.read() as session:
        await clearances.mark(session, caller, answers)
    return MatchResponse(
        responses=dict(zip(body.queries, answers, strict=True)),
        matcher=MATCHER,
        limit=limit,
        threshold=bar.threshold,
        threshold_version=version,
    )


@router.get("/search/{dataset}", operation_id="search")  # noqa: FAST003  likewise
async def search_parties(
    _caller: ReaderDep,
    screener: ScreenerDep,
    scope: ScopeDep,
    q: Annotated[Line, Query()],
    schema: QuerySchema | Literal["Thing"] = "LegalEntity",
    limit: Annotated[int, Query(ge=1, le=MAX_CANDIDATES)] = 10,
    offset: Offset = 0,
    sort: Words = [],  # noqa: B006  FastAPI copies it
    countries: Words = [],  # noqa: B006
    filters: Annotated[list[Line], Query(alias="filter", max_length=10, description="property:value")] = [],  # noqa: B006
    facets: Words = ["countries", "topics", "datasets"],  # noqa: B006
) -> SearchResponse:
    """Parties with a name like the words searched for, most alike first."""
    known = vars(scope) | {
        "schema": schema,
        "countries": frozenset(country.lower() for country in countries),
        "values": parse_values(filters),
    }
    query = QueryEntity(schema_="LegalEntity" if schema == "Thing" else schema, properties={"name": [q]})
    window = Window(limit, offset, sort, facets)
    return await search(screener, query, Scope(**known), window, now().date())


@router.get("/entities/{entity_id}", operation_id="readEntity")
async def read_entity(
    entity_id: RecordId,
    _caller: ReaderDep,
    database: DatabaseDep,
    nested: Annotated[bool, Query(description="with what is adjacent in place")] = True,
) -> EntityRecord:
    """A party as FollowTheMoney has it, with legal status and the source of every value."""
    async with database.read() as session:
        return await entity(session, entity_id, now().date(), nested=nested)


@router.get("/entities/{entity_id}/adjacent", operation_id="readAdjacent")
async def read_adjacent(
    entity_id: RecordId, _caller: ReaderDep, database: DatabaseDep, limit: Limit = 10, offset: Offset = 0
) -> AdjacentEntities:
    """A party and what is adjacent to it, some of each property."""
    async with database.read() as session:
        return await adjacent_entities(session, entity_id, now().date(), limit, offset)


@router.get("/entities/{entity_id}/adjacent/{name}", operation_id="readAdjacentProperty")
async def read_adjacent_property(
    entity_id: RecordId, name: _Word, _caller: ReaderDep, database: DatabaseDep, limit: Limit = 10, offset: Offset = 0
) -> AdjacentProperty:
    """What is adjacent to a party by one property."""
    async with database.read() as session:
        return await adjacent_by(session, entity_id, name, now().date(), limit, offset)


@router.get("/catalog", operation_id="readCatalog")
async def read_catalog(_caller: ReaderDep, database: DatabaseDep) -> Catalog:
    """What can be asked."""
    async with database.read() as session:
        return await catalog(session)


@router.get("/algorithms", operation_id="readAlgorithms")
async def read_algorithms(_caller: ReaderDep) -> Algorithms:
    """How it is scored."""
    return algorithms()
