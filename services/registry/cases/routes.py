"""Cases over HTTP."""

from fastapi import APIRouter, Response

from services.registry.admission import MaintainerDep
from services.registry.cases.store import put_case
from services.registry.history import DatabaseDep, recording
from shared.contracts.parties import CaseBody, CaseRecord, RecordId
from shared.db.database import now

router = APIRouter(tags=["cases"])


@router.put("/v1/cases/{case_id}", operation_id="putCase", responses={201: {"model": CaseRecord}})
async def write_case(
    case_id: RecordId, body: CaseBody, caller: MaintainerDep, database: DatabaseDep, response: Response
) -> CaseRecord:
    """Record a case, or how far it has got; the versions before are kept."""
    async with recording(database, caller, now()) as recorder:
        record, new = await put_case(recorder, case_id, body)
    response.status_code = 201 if new else 200
    return record
