"""Licences over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.registry.admission import MaintainerDep, ReaderDep
from services.registry.history import DatabaseDep, recording
from services.registry.licences.store import licences_on, put_licence
from services.registry.parties.store import get_party
from shared.contracts.parties import LicenceBody, LicenceRecord, LicencesOnDay, RecordId
from shared.db.database import now

router = APIRouter(tags=["licences"])


@router.put("/v1/licences/{licence_id}", operation_id="putLicence", responses={201: {"model": LicenceRecord}})
async def write_licence(
    licence_id: RecordId, body: LicenceBody, caller: MaintainerDep, database: DatabaseDep, response: Response
) -> LicenceRecord:
    """Tell a licence's status from one day to another; what was told before is kept."""
    async with recording(database, caller, now()) as recorder:
        record, new = await put_licence(recorder, licence_id, body)
    response.status_code = 201 if new else 200
    return record


@router.get("/v1/licences", operation_id="licencesOnDay")
async def read_licences(
    party: RecordId,
    _caller: ReaderDep,
    database: DatabaseDep,
    on: Annotated[date | None, Query(description="the day that matters, e.g. of the contract; default: today")] = None,
) -> LicencesOnDay:
    """A party's licences as they stood on a day."""
    day = on or now().date()
    async with database.read() as session:
        seq = (await get_party(session, party)).seq
        licences = await licences_on(session, [seq], day)
    return LicencesOnDay(party=party, on=day, licences=licences.get(seq, []))
