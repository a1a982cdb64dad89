"""Figures over HTTP."""

from typing import Annotated, cast

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.registry.public.routes import EverybodyDep
from services.registry.statistics.edition import FIRST_YEAR, Editions
from services.registry.tabular import table_answer
from shared.contracts.statistics import Figure, Statistics
from shared.db.database import now

router = APIRouter(tags=["public"])


@router.get("/v1/public/statistics", operation_id="readStatistics", response_model=Statistics)
async def read_statistics(
    request: Request,
    _caller: EverybodyDep,
    year: Annotated[
        int | None, Query(ge=FIRST_YEAR, le=2100, description="Default, and for years to come: this one.")
    ] = None,
) -> Statistics | Response:
    """What this member's register counts; as CSV on `Accept: text/csv`."""
    today = now().date()
    made = await cast("Editions", request.app.state.statistics).read(min(year or today.year, today.year), today)
    return table_answer(request, made, Figure)
