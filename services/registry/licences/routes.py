"""Licences and inspections over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.registry.admission import MaintainerDep, ReaderDep
from services.registry.history import KnownOn, RecordKind, SpanDep, answer_put, history_page, recording, versions_of
from services.registry.licences.files import get_particulars, put_particulars
from services.registry.licences.inspections import InspectionFilter, get_inspection, list_inspections, put_inspection
from services.registry.licences.store import correct_licence, get_licence, licence_history, licences_on, put_licence
from services.registry.parties.store import get_party
from services.registry.tabular import ListAskedDep, list_answer
from shared.contracts.inspections import InspectionBody, InspectionPage, InspectionRecord, InspectionState, Workplace
from shared.contracts.licences import (
    LicenceBody,
    LicenceCorrection,
    LicenceHistory,
    LicenceRecord,
    LicencesOnDay,
    Particulars,
    ParticularsBody,
)
from shared.contracts.lines import RecordId
from shared.contracts.provenance import HistoryPage
from shared.db.database import now
from shared.http.state import DatabaseDep

router = APIRouter(tags=["licences"])


@router.put("/v1/licences/{licence_id}", operation_id="putLicence", responses={201: {"model": LicenceRecord}})
async def write_licence(
    licence_id: RecordId, body: LicenceBody, caller: MaintainerDep, database: DatabaseDep, response: Response
) -> LicenceRecord:
    """Tell a licence's status from one day to another; what was told before is kept."""
    async with recording(database, caller, now()) as recorder:
        return answer_put(response, await put_licence(recorder, licence_id, body))


@router.post("/v1/licences/{licence_id}/corrections", operation_id="correctLicence")
async def write_correction(
    licence_id: RecordId, body: LicenceCorrection, caller: MaintainerDep, database: DatabaseDep
) -> LicenceHistory:
    """Strike a period that was wrongly told, or tell one out of order; the ground is kept with it."""
    async with recording(database, caller, now()) as recorder:
        return await correct_licence(recorder, licence_id, body)


@router.get("/v1/licences", operation_id="licencesOnDay")
async def read_licences(
    party: RecordId,
    _caller: ReaderDep,
    database: DatabaseDep,
    on: Annotated[date | None, Query(description="the day that matters, e.g. of the contract; default: today")] = None,
    known_on: KnownOn = None,
) -> LicencesOnDay:
    """A party's licences as they stood on a day."""
    day = on or now().date()
    async with database.read() as session:
        seq = (await get_party(session, party)).seq
        licences = await licences_on(session, [seq], day, known_on)
    return LicencesOnDay(party=party, on=day, licences=licences.get(seq, []))


@router.get("/v1/licences/{licence_id}", operation_id="getLicence")
async def read_licence(licence_id: RecordId, _caller: ReaderDep, database: DatabaseDep) -> LicenceHistory:
    """A licence with every period that was told of it."""
    async with database.read() as session:
        return await licence_history(session, licence_id)


@router.get("/v1/licences/{licence_id}/history", operation_id="licenceHistory")
async def read_licence_history(
    licence_id: RecordId, _caller: ReaderDep, database: DatabaseDep, span: SpanDep
) -> HistoryPage:
    """Everything that was told of a licence, corrections too, and by whom."""
    async with database.read() as session:
        await get_licence(session, licence_id)
        return history_page(await versions_of(session, RecordKind.LICENCE, licence_id), span)


@router.put(
    "/v1/licences/{licence_id}/particulars", operation_id="putParticulars", responses={201: {"model": Particulars}}
)
async def write_particulars(
    licence_id: RecordId, body: ParticularsBody, caller: MaintainerDep, database: DatabaseDep, response: Response
) -> Particulars:
    """Tell the file of a licence: entry requirements, bonds, fees, numbers of complaints."""
    async with recording(database, caller, now()) as recorder:
        return answer_put(response, await put_particulars(recorder, licence_id, body))


@router.get("/v1/licences/{licence_id}/particulars", operation_id="getParticulars")
async def read_particulars(licence_id: RecordId, _caller: ReaderDep, database: DatabaseDep) -> Particulars:
    """The file of a licence, and which entry requirements are not met."""
    async with database.read() as session:
        return await get_particulars(session, licence_id)


@router.put(
    "/v1/inspections/{inspection_id}", operation_id="putInspection", responses={201: {"model": InspectionRecord}}
)
async def write_inspection(
    inspection_id: RecordId, body: InspectionBody, caller: MaintainerDep, database: DatabaseDep, response: Response
) -> InspectionRecord:
    """Record an inspection of a workplace, a household's too, or how far it has got."""
    async with recording(database, caller, now()) as recorder:
        return answer_put(response, await put_inspection(recorder, inspection_id, body))


@router.get("/v1/inspections/{inspection_id}", operation_id="getInspection")
async def read_inspection(inspection_id: RecordId, _caller: ReaderDep, database: DatabaseDep) -> InspectionRecord:
    """An inspection, and what is overdue of it."""
    async with database.read() as session:
        return await get_inspection(session, inspection_id, now().date())


async def _filter(
    party: RecordId | None = None,
    state: InspectionState | None = None,
    workplace: Workplace | None = None,
    overdue: bool | None = None,
) -> InspectionFilter:
    return InspectionFilter(party, state, workplace, overdue)


@router.get("/v1/inspections", operation_id="listInspections", response_model=InspectionPage)
async def read_inspections(
    _caller: ReaderDep,
    database: DatabaseDep,
    asked: ListAskedDep,
    wanted: Annotated[InspectionFilter, Depends(_filter)],
) -> InspectionPage | Response:
    """Inspections in the order of their ids, page by page; as CSV on `Accept: text/csv`."""
    async with database.read() as session:
        page = await list_inspections(session, wanted, now().date(), asked.cursor, asked.limit)
    return list_answer(asked, InspectionPage(**vars(page)), InspectionRecord)
