"""Lists in and out over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime

from services.registry.admission import MaintainerDep
from services.registry.exchange.export import export_page
from services.registry.exchange.store import get_import, open_import, receive_part, rejections
from services.registry.history import answer_put
from shared.contracts.exchange import (
    MAX_PARTS,
    ExportPage,
    ImportId,
    ImportOrder,
    ImportPart,
    ImportRecord,
    RejectionPage,
    SourceId,
)
from shared.contracts.lines import RecordId
from shared.db.jobs import JobRunner
from shared.http.state import DatabaseDep, held

router = APIRouter(tags=["exchange"])


@router.post("/v1/imports", operation_id="openImport", responses={201: {"model": ImportRecord}})
async def begin_import(
    body: ImportOrder, caller: MaintainerDep, database: DatabaseDep, response: Response
) -> ImportRecord:
    """Begin to import a list; the same file again goes on with what was not finished."""
    return answer_put(response, await open_import(database, caller, body))


@router.put("/v1/imports/{import_id}/parts/{number}", operation_id="putImportPart")
async def send_part(
    import_id: ImportId,
    number: Annotated[int, Path(ge=0, lt=MAX_PARTS)],
    body: ImportPart,
    caller: MaintainerDep,
    database: DatabaseDep,
    runner: Annotated[JobRunner, held("import_runner")],
) -> ImportRecord:
    """Some whole lines of the list; reading begins with the last part."""
    record = await receive_part(database, caller, import_id, number, body.text)
    runner.wake()
    return record


@router.get("/v1/imports/{import_id}", operation_id="readImport")
async def read_import(import_id: ImportId, caller: MaintainerDep, database: DatabaseDep) -> ImportRecord:
    """How far an import has got."""
    async with database.read() as session:
        return await get_import(session, caller, import_id)


@router.get("/v1/imports/{import_id}/rejections", operation_id="readRejections")
async def read_rejections(
    import_id: ImportId,
    caller: MaintainerDep,
    database: DatabaseDep,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> RejectionPage:
    """Lines that were not taken, each with the reason."""
    async with database.read() as session:
        return await rejections(session, caller, import_id, after, limit)


@router.get("/v1/exports/parties", operation_id="exportParties")
async def export_parties(
    _caller: MaintainerDep,
    database: DatabaseDep,
    source: SourceId | None = None,
    since: Annotated[AwareDatetime | None, Query(description="Only what was added, changed or delisted after.")] = None,
    cursor: RecordId | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> ExportPage:
    """Parties as FollowTheMoney JSON, with what their lists say; with `since` the changes only."""
    async with database.read() as session:
        return await export_page(session, source, since, cursor, limit)
