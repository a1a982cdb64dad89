"""Cases over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.registry.admission import MaintainerDep, ReaderDep
from services.registry.cases.provisions import all_provisions
from services.registry.cases.store import CaseFilter, case_history, case_on, correct_case, list_cases, put_case
from services.registry.history import DaysDep, SpanDep, answer_put, history_page, recording
from services.registry.tabular import ListAskedDep, list_answer
from shared.contracts.caller import Member
from shared.contracts.cases import (
    CaseBody,
    CaseCorrection,
    CasePage,
    CaseRecord,
    LegalStatus,
    Offence,
    OffenceList,
    Stage,
)
from shared.contracts.lines import RecordId
from shared.contracts.provenance import HistoryPage
from shared.db.database import now
from shared.http.state import DatabaseDep

router = APIRouter(tags=["cases"])


@router.put("/v1/cases/{case_id}", operation_id="putCase", responses={201: {"model": CaseRecord}})
async def write_case(
    case_id: RecordId, body: CaseBody, caller: MaintainerDep, database: DatabaseDep, response: Response
) -> CaseRecord:
    """Record a case, or how far it has got; the versions before are kept."""
    async with recording(database, caller, now()) as recorder:
        return answer_put(response, await put_case(recorder, case_id, body))


@router.post("/v1/cases/{case_id}/corrections", operation_id="correctCase")
async def write_correction(
    case_id: RecordId, body: CaseCorrection, caller: MaintainerDep, database: DatabaseDep
) -> CaseRecord:
    """Put right what was wrongly told: the ground is kept, and so is what was told before."""
    async with recording(database, caller, now()) as recorder:
        return await correct_case(recorder, case_id, body)


@router.get("/v1/cases/{case_id}", operation_id="getCase")
async def read_case(case_id: RecordId, caller: ReaderDep, database: DatabaseDep, days: DaysDep) -> CaseRecord:
    """A case as it stood on a day. What fell away is answered as if it were not there, but to those who keep it."""
    async with database.read() as session:
        return await case_on(session, case_id, caller, now().date(), *days)


@router.get("/v1/cases/{case_id}/history", operation_id="caseHistory")
async def read_case_history(case_id: RecordId, caller: ReaderDep, database: DatabaseDep, span: SpanDep) -> HistoryPage:
    """Everything that was told of a case, and by whom."""
    async with database.read() as session:
        return history_page(await case_history(session, case_id, caller, now().date()), span)


async def _filter(
    party: RecordId | None = None,
    member: Annotated[Member | None, Query(description="ISO 3166-1 alpha-3")] = None,
    stage: Stage | None = None,
    status: LegalStatus | None = None,
    offence: Offence | None = None,
) -> CaseFilter:
    return CaseFilter(party, member, stage, status, offence)


@router.get("/v1/cases", operation_id="listCases", response_model=CasePage)
async def read_cases(
    caller: ReaderDep, database: DatabaseDep, asked: ListAskedDep, wanted: Annotated[CaseFilter, Depends(_filter)]
) -> CasePage | Response:
    """Cases in the order of their ids, page by page; as CSV on `Accept: text/csv`."""
    async with database.read() as session:
        page = await list_cases(session, wanted, caller, now().date(), asked.cursor, asked.limit)
    return list_answer(asked, CasePage(**vars(page)), CaseRecord)


@router.get("/v1/offences", operation_id="listOffences")
async def read_offences(_caller: ReaderDep) -> OffenceList:
    """The closed list of offences, and the provisions of national law that they may fall under."""
    return OffenceList(offences=sorted(Offence), provisions=list(all_provisions()))
