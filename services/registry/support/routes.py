"""Support cases over HTTP: opening, reading, who manages them, status, the reflection period."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response

from services.registry.adjudication.routes import StoreDep
from services.registry.adjudication.victims import Victims
from services.registry.admission import of_caller
from services.registry.pages import PageBefore, PageLimit
from services.registry.state import KeysDep
from services.registry.support.cases import CaseFilter, SupportCases
from services.registry.support.offices import Supporter, supporter_of
from services.registry.support.status import Status
from shared.contracts.lines import RecordId
from shared.contracts.retention import HoldBody
from shared.contracts.support import (
    ManagerBody,
    ReflectionBody,
    ReflectionWish,
    StandInBody,
    SupportCase,
    SupportCaseBody,
    SupportCasePage,
    SupportCaseState,
    SupportChildBody,
    SupportReasonBody,
)
from shared.http.state import DatabaseDep

router = APIRouter(prefix="/v1/support-cases", tags=["support"])

_SEALED: Final[dict[int | str, dict[str, Any]]] = {204: {"description": "Child protection has it now"}}


SupporterDep = Annotated[Supporter, of_caller(supporter_of)]


async def _cases(database: DatabaseDep, keys: KeysDep, store: StoreDep) -> SupportCases:
    return SupportCases(database, keys, Victims(database, store))


async def _status(database: DatabaseDep, keys: KeysDep, store: StoreDep) -> Status:
    return Status(database, keys, Victims(database, store))


CasesDep = Annotated[SupportCases, Depends(_cases)]
StatusDep = Annotated[Status, Depends(_status)]


@router.post("", status_code=201, operation_id="openSupportCase", response_model=SupportCase, responses=_SEALED)
async def open_case(body: SupportCaseBody, who: SupporterDep, cases: CasesDep) -> SupportCase | Response:
    """Presume somebody a victim and support them from now on."""
    return await cases.open(who, body) or Response(status_code=204)


@router.get("", operation_id="listSupportCases")
async def list_cases(
    who: SupporterDep,
    cases: CasesDep,
    state: SupportCaseState | None = None,
    mine: Annotated[bool, Query(description="Only those that the caller manages or stands in for.")] = False,
    overdue: Annotated[bool, Query(description="Only the caller's own with a follow-up that is overdue.")] = False,
    before: PageBefore = None,
    limit: PageLimit = 50,
) -> SupportCasePage:
    """The office's cases and who manages each, newest first."""
    return await cases.newest(who, CaseFilter(state, mine, overdue), before, limit)


@router.get("/{id}", operation_id="readSupportCase")
async def read_case(id: RecordId, who: SupporterDep, cases: CasesDep) -> SupportCase:
    """A case: all of it for who manages it, that there is one for others of the office."""
    return await cases.read(who, id)


@router.post("/{id}/manager", operation_id="handOverSupportCase")
async def hand_over(id: RecordId, body: ManagerBody, who: SupporterDep, cases: CasesDep) -> SupportCase:
    """Another person manages the case from now on."""
    return await cases.hand_over(who, id, body)


@router.post("/{id}/stand-in", operation_id="nameStandIn")
async def stand_in(id: RecordId, body: StandInBody, who: SupporterDep, cases: CasesDep) -> SupportCase:
    """Somebody stands in for the manager until a day, or no longer."""
    return await cases.stand_in(who, id, body)


@router.post("/{id}/person", operation_id="tellSupportedPerson", response_model=SupportCase, responses=_SEALED)
async def tell_person(
    id: RecordId, body: SupportChildBody, who: SupporterDep, cases: CasesDep
) -> SupportCase | Response:
    """Say what became known of the age. A child's case goes to child protection and is gone from here."""
    return await cases.tell_child(who, id, body) or Response(status_code=204)


@router.post("/{id}/presumption/end", operation_id="endPresumption")
async def end_presumption(id: RecordId, body: SupportReasonBody, who: SupporterDep, status: StatusDep) -> SupportCase:
    """Presume the person a victim no longer: another than whoever presumed it."""
    return await status.end_presumption(who, id, body.reason)


@router.post("/{id}/reflection", operation_id="extendReflection")
async def extend_reflection(id: RecordId, body: ReflectionBody, who: SupporterDep, status: StatusDep) -> SupportCase:
    """Let the reflection period end later."""
    return await status.extend_reflection(who, id, body)


@router.post("/{id}/reflection/wish", operation_id="endReflectionAtWish")
async def end_reflection(id: RecordId, body: ReflectionWish, who: SupporterDep, status: StatusDep) -> SupportCase:
    """The person themselves wishes to end the reflection period."""
    return await status.end_reflection(who, id, body)


@router.post("/{id}/close", operation_id="closeSupportCase")
async def close_case(id: RecordId, body: SupportReasonBody, who: SupporterDep, cases: CasesDep) -> SupportCase:
    """Nothing more is done in the case."""
    return await cases.close(who, id, body.reason)


@router.post("/{id}/hold", operation_id="holdSupportCase")
async def hold_case(id: RecordId, body: HoldBody, who: SupporterDep, cases: CasesDep) -> SupportCase:
    """Keep the case until a day, whatever the clock says; or no longer."""
    return await cases.hold(who, id, body)
