"""Thresholds and cleared hits over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.registry.admission import MaintainerDep, ReaderDep
from services.registry.pages import PageBefore, PageLimit
from services.registry.screening.clearances import clearance_page, withdraw_clearance
from services.registry.screening.routes import ClearancesDep
from services.registry.screening.thresholds import set_threshold, thresholds
from shared.contracts.lines import Line, RecordId
from shared.contracts.offices import Clearance, ClearanceBody, ClearancePage, Threshold, ThresholdBody, Thresholds
from shared.db.database import now
from shared.http.state import DatabaseDep

router = APIRouter(prefix="/v1/screening", tags=["screening"])


@router.post("/clearances", operation_id="clearHit", status_code=201)
async def clear_hit(
    body: ClearanceBody, caller: ReaderDep, database: DatabaseDep, clearances: ClearancesDep
) -> Clearance:
    """Note that a hit is not the party asked about; it is shown as cleared until the party changes."""
    async with database.write() as session:
        return await clearances.clear(session, caller, body)


@router.get("/clearances", operation_id="listClearances")
async def list_clearances(
    caller: ReaderDep,
    database: DatabaseDep,
    cursor: PageBefore = None,
    limit: PageLimit = 50,
) -> ClearancePage:
    """What the caller's office cleared, newest first."""
    async with database.read() as session:
        return await clearance_page(session, caller, cursor, limit, now().date())


@router.delete("/clearances/{clearance_id}", operation_id="withdrawClearance", status_code=204)
async def withdraw(clearance_id: RecordId, caller: ReaderDep, database: DatabaseDep) -> Response:
    """Take a clearance back."""
    async with database.write() as session:
        await withdraw_clearance(session, caller, clearance_id)
    return Response(status_code=204)


@router.post("/thresholds", operation_id="setThreshold", status_code=201)
async def change_threshold(body: ThresholdBody, caller: MaintainerDep, database: DatabaseDep) -> Threshold:
    """Put another threshold in force for an office; the versions before are kept."""
    async with database.write() as session:
        return await set_threshold(session, caller, body)


@router.get("/thresholds", operation_id="readThresholds")
async def read_thresholds(
    caller: ReaderDep,
    database: DatabaseDep,
    organisation: Annotated[Line | None, Query(max_length=200, description="default: the caller's own")] = None,
) -> Thresholds:
    """What is in force for an office of the caller's member, and what was."""
    async with database.read() as session:
        return await thresholds(session, caller.member, organisation or caller.organisation[:200])
