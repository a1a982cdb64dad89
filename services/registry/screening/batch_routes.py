"""Batches over HTTP: CSV in, CSV out."""

from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from services.registry.admission import ReaderDep
from services.registry.screening.batch_rows import read_rows
from services.registry.screening.batches import Batches
from services.registry.tabular import MEDIA_TYPE
from shared.contracts.batches import MAX_BATCH_BYTES, MAX_ROWS, Batch
from shared.contracts.lines import RecordId
from shared.http.state import held

router = APIRouter(prefix="/v1/screening/batches", tags=["screening"])

_BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}
}
_RESULT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}, "description": "A line a hit"}
}


BatchesDep = Annotated[Batches, held("batches")]


@router.post("", operation_id="openBatch", status_code=202, openapi_extra=_BODY)
async def open_batch(
    request: Request,
    response: Response,
    caller: ReaderDep,
    batches: BatchesDep,
    limit: Annotated[int, Query(ge=1, le=20, description="hits shown for a row")] = 5,
) -> Batch:
    """Screen a list. It is kept sealed and screened durably; ask how far it is at the address in `Location`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise HTTPException(415, f"send {MEDIA_TYPE}")
    content = await request.body()
    if len(content) > MAX_BATCH_BYTES:
        raise HTTPException(413, f"at most {MAX_BATCH_BYTES} bytes; send several lists")
    batch = await batches.open(caller, await run_sync(read_rows, content), limit)
    request.app.state.screening_runner.wake()
    response.headers["Location"] = f"/v1/screening/batches/{batch.id}"
    return batch


@router.get("/{batch_id}", operation_id="readBatch")
async def read_batch(batch_id: RecordId, caller: ReaderDep, batches: BatchesDep) -> Batch:
    """How far a batch is."""
    return await batches.read(caller, batch_id)


@router.get("/{batch_id}/result", operation_id="readBatchResult", response_class=Response, responses=_RESULT)
async def read_result(
    batch_id: RecordId,
    caller: ReaderDep,
    batches: BatchesDep,
    cursor: Annotated[int, Query(ge=0, le=MAX_ROWS, description="of the `Link` of the page before")] = 0,
) -> Response:
    """The result, when all rows are screened: 500 of them a page, the next page in the header `Link` (RFC 8288)."""
    text, following = await batches.result(caller, batch_id, cursor)
    headers = {}
    if following is not None:
        headers["Link"] = f'</v1/screening/batches/{batch_id}/result?cursor={following}>; rel="next"'
    return Response(text, headers=headers, media_type=f"{MEDIA_TYPE}; charset=utf-8")
