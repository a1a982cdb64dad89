"""Sends results to callback addresses; what is not taken is sent again, further and further apart."""

from typing import Final

import httpx
import structlog

from services.biometrics.refusals import RefusedRequestError
from services.biometrics.tasks.addresses import CallbackHosts
from services.biometrics.tasks.envelopes import Address, Result, TaskSeal
from services.biometrics.tasks.tables import TaskRow, TaskState
from shared.crypto.sealing import KeyRing
from shared.db.database import Database

MAX_DELIVERIES: Final = 12
"""Over some 20 minutes; afterwards only when asked (`redeliverTaskResult`)."""

_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)

log = structlog.get_logger(__name__)


class CallbackFailedError(Exception):
    """The result was not taken; it is sent again."""


class Delivery:
    """The handler that sends one task's result.

    No redirect is followed, no proxy of the environment is used, and of the answer only its status is read.

    Args:
        database: the service's.
        ring: the member states' keys.
        hosts: where results may be sent, asked again before each try.
    """

    def __init__(self, database: Database, ring: KeyRing, hosts: CallbackHosts) -> None:
        self._database = database
        self._ring = ring
        self._hosts = hosts
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)

    async def deliver(self, task_id: str) -> None:
        """Send a task's result.

        Raises:
            CallbackFailedError: to be tried again.
        """
        async with self._database.read() as session:
            row = await session.get(TaskRow, task_id)
        if row is None or row.result is None or row.state in {TaskState.COMPLETED, TaskState.RESPONSE_ERROR}:
            return
        seal = TaskSeal(self._ring.subject(row.member, row.subject_key), task_id)
        address = Address.model_validate_json(seal.open("address", row.address))
        taken = await self._send(task_id, address, Result.from_bytes(seal.open("result", row.result)))
        if await self._note(task_id, taken=taken) is TaskState.RESPONSE_RETRY:
            raise CallbackFailedError("the callback did not take the result")

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def _send(self, task_id: str, address: Address, result: Result) -> bool:
        try:
            url = self._hosts.check(address.callback).copy_merge_params(
                {"transactionId": address.transaction_id, "taskId": task_id}
            )
            headers = {"Content-Type": result.media}
            async with self._client.stream("POST", url, content=result.content, headers=headers) as answer:
                return answer.is_success
        except (httpx.HTTPError, RefusedRequestError) as error:
            log.warning("callback_failed", task=task_id, error=type(error).__name__)
            return False

    async def _note(self, task_id: str, *, taken: bool) -> TaskState | None:
        async with self._database.write() as session:
            row = await session.get(TaskRow, task_id, with_for_update=True)
            if row is None:
                return None
            row.deliveries += 1
            last = row.deliveries >= MAX_DELIVERIES
            failed = TaskState.RESPONSE_ERROR if last else TaskState.RESPONSE_RETRY
            state = TaskState.COMPLETED if taken else failed
            row.state = state
            return state
