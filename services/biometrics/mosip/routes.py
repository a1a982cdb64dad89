"""MOSIP's ABIS messages over HTTP, on the paths of MOSIP's own mock ABIS.

A message that was read is answered with status 200 and MOSIP's `returnValue`, failures too: over a queue, where these
messages come from, there is no status. Who may not ask at all is told so by HTTP (401, 403).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, cast

import structlog
from fastapi import APIRouter, Depends, Request, Security
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from services.biometrics.identify.routes import SearchingDep
from services.biometrics.mosip.answers import candidate_list, failed, served
from services.biometrics.mosip.arrivals import Arrivals
from services.biometrics.mosip.desk import MosipDesk
from services.biometrics.mosip.messages import Kind, Message, read_message, read_object, request_id_of
from services.biometrics.mosip.refusals import MosipRefusedError
from services.biometrics.operation import OwnerDep
from shared.contracts import mosip
from shared.contracts.inlining import inlined
from shared.contracts.mosip import FailureReason
from shared.contracts.osia import Error
from shared.crypto.sealing import MemberKeyMissingError, SealingError
from shared.http.callers import read_caller
from shared.settings import Settings

PREFIX: Final = "/v1/mock-abis-service/abis"

_SHARE_OF_TIME: Final = 0.8
"""Of the time that a request has: so that it ends with MOSIP's answer, not with 504."""

_Work = Callable[[Message], Awaitable[dict[str, Any]]]

log = structlog.get_logger(__name__)
router = APIRouter(prefix=PREFIX, tags=["MOSIP"])


async def _desk(request: Request, searching: SearchingDep) -> MosipDesk:
    state = request.app.state
    return MosipDesk(
        state.store,
        state.reader,
        searching,
        state.mosip_references,
        state.mosip_fetcher,
        state.mosip_arrivals,
        state.settings.target_fpir,
    )


DeskDep = Annotated[MosipDesk, Depends(_desk)]


def _message(operation_id: str, scopes: list[str], takes: type[BaseModel], gives: type[BaseModel]) -> dict[str, Any]:
    """Keyword arguments that make a route one of the messages. The body is read by hand: its faults have numbers."""
    body = {"application/json": {"schema": inlined(takes)}}
    return {
        "operation_id": operation_id,
        "dependencies": [Security(read_caller, scopes=scopes)],
        "responses": {
            200: {"model": gives, "description": "returnValue 1: served; 2: failed, with failureReason"},
            400: {"model": Error, "description": "A query parameter of OSIA's searches cannot be read"},
        },
        "openapi_extra": {"requestBody": {"required": True, "content": body}},
    }


async def _serve(request: Request, kind: Kind, work: _Work) -> Response:
    request_id = ""
    settings: Settings = request.app.state.settings
    try:
        document = read_object(await request.body())
        request_id = request_id_of(document)
        message = read_message(document, kind)
        async with asyncio.timeout(settings.request_seconds * _SHARE_OF_TIME):
            more = await work(message)
    except MosipRefusedError as error:
        log.info("mosip_message_refused", kind=kind.value, reason=error.reason.value, detail=error.detail)
        return JSONResponse(failed(kind, request_id, error.reason))
    except TimeoutError:
        log.warning("mosip_message_aborted", kind=kind.value)
        return JSONResponse(failed(kind, request_id, FailureReason.ABORTED))
    except (SQLAlchemyError, SealingError, MemberKeyMissingError) as error:
        return _fault(kind, request_id, FailureReason.INTERNAL, error)
    except Exception as error:  # noqa: BLE001  a message gets an answer, whatever happens
        return _fault(kind, request_id, FailureReason.UNEXPECTED, error)
    return JSONResponse(served(kind, request_id, **more))


def _fault(kind: Kind, request_id: str, reason: FailureReason, error: Exception) -> Response:
    log.error("mosip_message_failed", kind=kind.value, reason=reason.value, exc_info=error)
    return JSONResponse(failed(kind, request_id, reason))


def _arrivals(request: Request) -> Arrivals:
    return cast("Arrivals", request.app.state.mosip_arrivals)


@router.post(
    "/insertrequest",
    response_model=None,
    **_message("mosipInsert", ["abis.encounter.write"], mosip.InsertRequest, mosip.MosipAnswer),
)
async def insert(request: Request, desk: DeskDep, owner: OwnerDep) -> Response:
    """mosip.abis.insert: fetch the CBEFF of a new referenceId and enrol it. No search is made."""

    async def work(message: Message) -> dict[str, Any]:
        await desk.insert(message, owner)
        return {}

    with _arrivals(request).inserting(owner):
        return await _serve(request, Kind.INSERT, work)


@router.post(
    "/identifyrequest",
    response_model=None,
    **_message("mosipIdentify", ["abis.identify"], mosip.MosipIdentifyRequest, mosip.MosipIdentifyAnswer),
)
async def identify(request: Request, desk: DeskDep, owner: OwnerDep) -> Response:
    """mosip.abis.identify: which of the caller's records may be of this person. Inserts that came before are served
    first; the record that is asked about is not answered. A candidate is not a decision.
    """

    async def work(message: Message) -> dict[str, Any]:
        return {"candidateList": candidate_list(await desk.identify(message, owner))}

    with _arrivals(request).working(owner):
        return await _serve(request, Kind.IDENTIFY, work)


@router.delete(
    "/deleterequest",
    response_model=None,
    **_message("mosipDelete", ["abis.encounter.write"], mosip.DeleteRequest, mosip.MosipAnswer),
)
async def delete(request: Request, desk: DeskDep, owner: OwnerDep) -> Response:
    """mosip.abis.delete: erase a record, and the key it was sealed with."""

    async def work(message: Message) -> dict[str, Any]:
        await desk.delete(message, owner)
        return {}

    with _arrivals(request).working(owner):
        return await _serve(request, Kind.DELETE, work)


@router.post("/pingrequest", response_model=None, **_message("mosipPing", [], mosip.MosipRequest, mosip.MosipAnswer))
async def ping(request: Request) -> Response:
    """mosip.abis.ping: whether messages are served."""

    async def work(_message: Message) -> dict[str, Any]:
        await request.app.state.database.ping()
        return {}

    return await _serve(request, Kind.PING, work)


@router.post(
    "/pendingjobsrequest",
    response_model=None,
    **_message("mosipPendingJobs", ["abis.task.read"], mosip.MosipRequest, mosip.PendingJobsAnswer),
)
async def pending_jobs(request: Request, owner: OwnerDep) -> Response:
    """mosip.abis.pendingJobs: how many of the caller's inserts, searches and deletions are under way."""

    async def work(_message: Message) -> dict[str, Any]:
        return {"jobscount": str(_arrivals(request).pending(owner))}

    return await _serve(request, Kind.PENDING_JOBS, work)


@router.post(
    "/referencecountrequest",
    response_model=None,
    **_message("mosipReferenceCount", ["abis.gallery.read"], mosip.MosipRequest, mosip.ReferenceCountAnswer),
)
async def reference_count(request: Request, desk: DeskDep, owner: OwnerDep) -> Response:
    """mosip.abis.referenceCount: how many records the caller has."""

    async def work(_message: Message) -> dict[str, Any]:
        return {"count": str(await desk.count(owner))}

    return await _serve(request, Kind.REFERENCE_COUNT, work)
