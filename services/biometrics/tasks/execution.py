"""Does tasks: each is the request that was taken, made again inside this service, once and only once."""

import secrets
from datetime import timedelta
from typing import Any, Final

import httpx
import structlog
from fastapi import FastAPI
from sqlalchemy import delete

from services.biometrics.tables import JobRow
from services.biometrics.tasks.desk import DELIVER, PURGE
from services.biometrics.tasks.effects import OK, working_on
from services.biometrics.tasks.envelopes import KeptRequest, Result, TaskSeal
from services.biometrics.tasks.tables import TaskRow, TaskState
from shared.contracts.osia import Error, ErrorCode
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.db.jobs import enqueue
from shared.http.tokens import CallerSigner

RETENTION: Final = timedelta(days=3)
"""How long a result is kept once the work is done, delivered or not."""

MAX_ATTEMPTS: Final = 8
MAX_RESULT_BYTES: Final = 64 * 2**20

_GOOD: Final = "application/json"
_BAD: Final = "application/error+json"
_CODES: Final = {403: ErrorCode.NOT_ALLOWED, 404: ErrorCode.UNKNOWN_RECORD, 409: ErrorCode.CONFLICT}

log = structlog.get_logger(__name__)


class TaskNotDoneError(Exception):
    """The service could not do the work now; it is tried again."""


class TaskWork:
    """The handlers that do a task and forget it.

    Args:
        database: the service's.
        ring: the member states' keys.
        app: the service; a task's request is made to it.
        signer: vouches for the caller, whom the service has seen when it took the task.
    """

    def __init__(self, database: Database, ring: KeyRing, app: FastAPI, signer: CallerSigner) -> None:
        self._database = database
        self._ring = ring
        self._signer = signer
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://biometrics")

    async def execute(self, task_id: str) -> None:
        """Do a task and keep its result, to be sent.

        Raises:
            TaskNotDoneError: to be tried again.
        """
        row = await self._attempt(task_id)
        if row is None or row.request is None:
            return
        seal = TaskSeal(self._ring.subject(row.member, row.subject_key), task_id)
        request = KeptRequest.from_bytes(seal.open("request", row.request))
        result = _done(row.effect) if row.effect else await self._make(task_id, request, row.attempts)
        await self._keep(task_id, seal.seal("result", result.to_bytes()))

    async def purge(self, task_id: str) -> None:
        """Forget a task, its key and its result."""
        async with self._database.write() as session:
            await session.execute(delete(TaskRow).where(TaskRow.id == task_id))

    async def close(self) -> None:
        """End the way to the service."""
        await self._client.aclose()

    async def _attempt(self, task_id: str) -> TaskRow | None:
        async with self._database.write() as session:
            row = await session.get(TaskRow, task_id, with_for_update=True)
            if row is None or row.state != TaskState.PENDING:
                return None
            row.attempts += 1
            return row

    async def _make(self, task_id: str, request: KeptRequest, attempt: int) -> Result:
        head = request.head
        headers = {"Authorization": f"Bearer {self._signer.sign(head.caller, 'biometrics')}"}
        if request.body:
            headers["Content-Type"] = _GOOD
        query = httpx.QueryParams(tuple(head.query))
        with working_on(task_id):
            answer = await self._client.request(
                head.method, head.path, params=query, content=request.body, headers=headers
            )
        if answer.status_code in {500, 503, 504} and attempt < MAX_ATTEMPTS:
            raise TaskNotDoneError(f"answered {answer.status_code}")
        return _result(answer)

    async def _keep(self, task_id: str, result: bytes) -> None:
        async with self._database.write() as session:
            row = await session.get(TaskRow, task_id, with_for_update=True)
            if row is None or row.state != TaskState.PENDING:
                return
            row.state, row.result, row.request, row.finished_at = TaskState.RESPONSE_SCHEDULED, result, None, now()
            enqueue(session, JobRow, DELIVER, task_id)
            enqueue(session, JobRow, PURGE, task_id, now() + RETENTION)


def new_signer_name() -> str:
    """A name for the key by which the service vouches to itself, that no other service has."""
    return f"biometrics-{secrets.token_hex(8)}"


def _done(effect: str) -> Result:
    """The result of a change that was made before the service ended: what it made, less the remarks on quality."""
    return Result(_GOOD, effect.encode())


def _result(answer: httpx.Response) -> Result:
    if answer.status_code == 204:
        return Result(_GOOD, OK.encode())
    if len(answer.content) > MAX_RESULT_BYTES:
        return _error(ErrorCode.NOT_SUPPORTED, "the result is too large to be sent")
    if answer.is_success:
        return Result(_GOOD, answer.content)
    body = _body(answer)
    if "code" in body:
        return Result(_BAD, answer.content)
    code = _CODES.get(answer.status_code, ErrorCode.UNEXPECTED)
    return _error(code, str(body.get("detail") or body.get("title") or f"status {answer.status_code}"))


def _body(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _error(code: ErrorCode, message: str) -> Result:
    return Result(_BAD, Error(code=code, message=message).model_dump_json().encode())
