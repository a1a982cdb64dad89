"""The door of the workers' room."""

import asyncio
import re
from typing import Annotated, Final, cast

from fastapi import APIRouter, Header, Query, Request, Response

from services.registry.admission import require_purpose
from services.registry.workers.board import CheckedBoard
from services.registry.workers.intake import Intake
from services.registry.workers.reading import Wanted, show, show_page
from services.registry.workers.store import RegistrationStore
from services.registry.workers.views import Record, scope_of
from shared.contracts.caller import Caller, Purpose
from shared.contracts.registrations import Progress, Registration, RegistrationPage, SignalCode
from shared.http.callers import CallerDep

MAX_WAIT_S: Final = 30
_LARGEST_SEQ: Final = 2**31 - 1  # of the column: PostgreSQL refuses to compare with more
_WAIT: Final = re.compile(r"\bwait=(\d{1,4})\b")
_READERS: Final = frozenset(
    {Purpose.WORKER_REGISTRATION, Purpose.CHILD_PROTECTION, Purpose.LABOUR_INSPECTION, Purpose.ADJUDICATION}
)

Prefer = Annotated[str | None, Header(description="`wait=SECONDS`: answer when checked (RFC 7240)")]

router = APIRouter(prefix="/v1/registrations", tags=["registrations"])


@router.post(
    "",
    summary="Register a worker",
    operation_id="registerWorker",
    status_code=201,
    responses={
        200: {"model": Registration, "description": "This request was made before; nothing was made twice"},
        202: {"model": Registration, "description": "Kept durably; the checks go on"},
    },
)
async def register(
    request: Request,
    response: Response,
    caller: CallerDep,
    idempotency_key: Annotated[str | None, Header()] = None,
    prefer: Prefer = None,
) -> Registration:
    """Answered only when the registration is durable; with `Prefer: wait`, when it is checked."""
    require_purpose(caller, frozenset({Purpose.WORKER_REGISTRATION}))
    intake = cast("Intake", request.app.state.intake)
    accepted = await intake.take(caller, idempotency_key, await request.body())
    request.app.state.job_runner.wake()
    record = await _read_waiting(request, response, accepted.id, caller, prefer)
    if record.progress is not Progress.CHECKED:
        response.status_code = 202
        response.headers["Retry-After"] = "1"
    elif not accepted.new:
        response.status_code = 200
    response.headers["Location"] = f"/v1/registrations/{accepted.id}"
    return await _shown(request, record, caller)


@router.get("", summary="Registrations that the caller may see, newest first", operation_id="listRegistrations")
async def page(
    request: Request,
    caller: CallerDep,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    signal: SignalCode | None = None,
    reference: Annotated[str | None, Query(max_length=80)] = None,
) -> RegistrationPage:
    """A page; filters see only what the caller sees."""
    require_purpose(caller, _READERS)
    store, scope = cast("RegistrationStore", request.app.state.registrations), scope_of(caller)
    before = min(int(cursor), _LARGEST_SEQ) if cursor else None
    return await show_page(store, scope, before, limit, Wanted(signal, reference))


@router.get("/{registration}", summary="One registration", operation_id="readRegistration")
async def read(
    request: Request, response: Response, registration: str, caller: CallerDep, prefer: Prefer = None
) -> Registration:
    """As far as the caller may see it; what they may not see answers as what is not there."""
    require_purpose(caller, _READERS)
    return await _shown(request, await _read_waiting(request, response, registration, caller, prefer), caller)


async def _shown(request: Request, record: Record, caller: Caller) -> Registration:
    store = cast("RegistrationStore", request.app.state.registrations)
    (registration,) = await show(store, [record], scope_of(caller))
    return registration


async def _read_waiting(
    request: Request, response: Response, registration_id: str, caller: Caller, prefer: str | None
) -> Record:
    store, scope = cast("RegistrationStore", request.app.state.registrations), scope_of(caller)
    board = cast("CheckedBoard", request.app.state.checked_board)
    seconds = _wait_seconds(prefer)
    with board.watch(registration_id) as checked:
        record = await store.read(registration_id, scope)
        if seconds == 0 or record.progress is Progress.CHECKED:
            return record
        response.headers["Preference-Applied"] = f"wait={seconds}"
        try:
            await asyncio.wait_for(checked.wait(), seconds)
        except TimeoutError:
            return record
        return await store.read(registration_id, scope)


def _wait_seconds(prefer: str | None) -> int:
    found = _WAIT.search(prefer or "")
    return min(int(found.group(1)), MAX_WAIT_S) if found else 0
