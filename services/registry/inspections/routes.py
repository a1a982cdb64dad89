"""Visits over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.registry.admission import of_caller, require_purpose
from services.registry.inspections.store import VisitFilter, Visitor, Visits, visitor_of
from services.registry.pages import PageBefore, PageLimit
from services.registry.state import DigestKeyDep, KeysDep
from shared.contracts.caller import Caller, Purpose
from shared.contracts.lines import RecordId
from shared.contracts.visits import Visit, VisitBody, VisitNote, VisitPage, VisitPlan, VisitState, VisitStep
from shared.http.state import DatabaseDep

router = APIRouter(tags=["visits"])


def _visitor(caller: Caller) -> Visitor:
    return visitor_of(require_purpose(caller, {Purpose.LABOUR_INSPECTION, Purpose.CRIMINAL_INVESTIGATION}))


async def _visits(database: DatabaseDep, keys: KeysDep, digest_key: DigestKeyDep) -> Visits:
    return Visits(database, keys, digest_key)


VisitorDep = Annotated[Visitor, of_caller(_visitor)]
VisitsDep = Annotated[Visits, Depends(_visits)]


@router.get("/v1/visit-plan", operation_id="readVisitPlan")
async def read_visit_plan(
    who: VisitorDep, visits: VisitsDep, limit: Annotated[int, Query(ge=5, le=100)] = 20
) -> VisitPlan:
    """Where to go next: most by what is known, a fifth at random; every reason in words."""
    return await visits.next_places(who, limit)


@router.post("/v1/visits", status_code=201, operation_id="planVisit")
async def plan_visit(body: VisitBody, who: VisitorDep, visits: VisitsDep) -> Visit:
    """Plan a visit, of a party or of a place of no known party."""
    return await visits.plan(who, body)


@router.get("/v1/visits", operation_id="listVisits")
async def list_visits(
    who: VisitorDep,
    visits: VisitsDep,
    state: VisitState | None = None,
    party: RecordId | None = None,
    overdue: Annotated[bool, Query(description="Only those of which something was to be put right by now.")] = False,
    before: PageBefore = None,
    limit: PageLimit = 50,
) -> VisitPage:
    """Visits of the inspector's member, newest first; police see joint ones."""
    return await visits.newest(who, VisitFilter(state, party, overdue), before, limit)


@router.get("/v1/visits/{id}", operation_id="readVisit")
async def read_visit(id: RecordId, who: VisitorDep, visits: VisitsDep) -> Visit:
    """A visit, as this office sees it."""
    return await visits.read(who, id)


@router.post("/v1/visits/{id}/moves", operation_id="moveVisit")
async def move_visit(id: RecordId, body: VisitStep, who: VisitorDep, visits: VisitsDep) -> Visit:
    """Carry out, follow up, close or call off."""
    return await visits.step(who, id, body)


@router.post("/v1/visits/{id}/notes", operation_id="noteVisit")
async def note_visit(id: RecordId, body: VisitNote, who: VisitorDep, visits: VisitsDep) -> Visit:
    """Note something for one's own office; the other one does not see it."""
    return await visits.note(who, id, body.note)
