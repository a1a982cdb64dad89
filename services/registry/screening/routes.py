"""Screening over HTTP, in yente's shape: its clients work against it unchanged."""

from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Query, Request

from services.registry.admission import ReaderDep
from services.registry.screening.answers import MATCHER
from services.registry.screening.comparison import CUTOFF, Bar
from services.registry.screening.matching import THRESHOLD
from services.registry.screening.screener import Screener
from shared.contracts.parties import Line
from shared.contracts.screening import MatchRequest, MatchResponse, QueryEntity, QuerySchema, SearchResponse
from shared.db.database import now

router = APIRouter(tags=["screening"])

DATASET: Final = "default"
"""The only one: the register."""


class UnknownDatasetError(Exception):
    """There is no such dataset."""


def _screener(request: Request) -> Screener:
    return cast("Screener", request.app.state.screener)


def _require_dataset(dataset: str) -> None:
    if dataset != DATASET:
        raise UnknownDatasetError(f"the only dataset is {DATASET}")


ScreenerDep = Annotated[Screener, Depends(_screener)]
Limit = Annotated[int, Query(ge=1, le=50, description="results per query")]


@router.post("/match/{dataset}", operation_id="match")
async def match_parties(
    dataset: str,
    body: MatchRequest,
    _caller: ReaderDep,
    screener: ScreenerDep,
    limit: Limit = 5,
    threshold: Annotated[
        float, Query(ge=0, le=1, description="can raise the bar of a match, not lower it")
    ] = THRESHOLD,
    cutoff: Annotated[float, Query(ge=0, le=1, description="least score that is shown")] = CUTOFF,
) -> MatchResponse:
    """Who in the register the parties asked about may be, with reasons and legal status."""
    _require_dataset(dataset)
    bar = Bar(cutoff=cutoff, threshold=threshold, limit=limit)
    answers = await screener.screen(list(body.queries.values()), bar, now().date())
    return MatchResponse(responses=dict(zip(body.queries, answers, strict=True)), matcher=MATCHER, limit=limit)


@router.get("/search/{dataset}", operation_id="search")
async def search_parties(
    dataset: str,
    _caller: ReaderDep,
    screener: ScreenerDep,
    q: Annotated[Line, Query()],
    schema: QuerySchema = "LegalEntity",
    limit: Limit = 10,
) -> SearchResponse:
    """Parties with a name like the words searched for, most alike first."""
    _require_dataset(dataset)
    query = QueryEntity(schema_=schema, properties={"name": [q]})
    (answer,) = await screener.screen([query], Bar(limit=limit), now().date())
    return SearchResponse(limit=limit, total=answer.total, results=answer.results)
