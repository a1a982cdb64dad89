"""Takes tasks, tells how far they are, and sends their results again."""

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.biometrics.ownership import Owner, owner_of
from services.biometrics.tables import JobRow
from services.biometrics.tasks.envelopes import Address, KeptRequest, TaskSeal
from services.biometrics.tasks.tables import TaskRow, TaskState
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.db.jobs import JobRunner, enqueue

EXECUTE: Final = "task-execute"
DELIVER: Final = "task-deliver"
PURGE: Final = "task-purge"

SENIORITY: Final = timedelta(minutes=10)
"""What one step of priority is worth: work of priority 9 goes before what has waited 90 minutes less at 0. So the
urgent comes first and nothing waits for ever.
"""


class UnknownTaskError(Exception):
    """No such task: it never was, is another's, or is long over."""


class TooManyWaitingError(Exception):
    """The caller's organisation has as many requests waiting as it may; nothing was kept."""


class TaskDesk:
    """All that callers do with tasks.

    Args:
        database: the service's.
        ring: the member states' keys.
        jobs: does the work.
        most: requests that one organisation may have waiting: each is kept whole until it is done.
    """

    def __init__(self, database: Database, ring: KeyRing, jobs: JobRunner, most: int) -> None:
        self._database = database
        self._ring = ring
        self._jobs = jobs
        self._most = most

    async def accept(self, request: KeptRequest, address: Address, priority: int) -> str:
        """Keep a request; from the return on it will be done and its result sent.

        Args:
            request: checked as far as it can be without doing it.
            address: where the result goes, allowed (`CallbackHosts.check`).
            priority: 0 to 9, higher before lower.

        Returns:
            The task's id.

        Raises:
            MemberKeyMissingError: this deployment has no key for the caller's member.
            TooManyWaitingError: too many of the organisation's wait already.
        """
        task_id, owner = secrets.token_hex(16), owner_of(request.head.caller)
        key = self._ring.new_subject_key(owner.member)
        seal = TaskSeal(self._ring.subject(owner.member, key), task_id)
        row = TaskRow(
            id=task_id,
            member=owner.member,
            organisation=owner.organisation,
            state=TaskState.PENDING,
            subject_key=key,
            address=seal.seal("address", address.model_dump_json().encode()),
            request=seal.seal("request", request.to_bytes()),
            accepted_at=now(),
        )
        async with self._database.write() as session:
            if await _waiting(session, owner) >= self._most:
                raise TooManyWaitingError(f"{self._most} requests of this organisation wait already; ask again later")
            session.add(row)
            enqueue(session, JobRow, EXECUTE, task_id, now() - priority * SENIORITY)
        self._jobs.wake()
        return task_id

    async def state(self, task_id: str, owner: Owner) -> TaskState:
        """How far a task is.

        Raises:
            UnknownTaskError: no such task of this owner.
        """
        async with self._database.read() as session:
            return TaskState((await _own(session, task_id, owner)).state)

    async def redeliver(self, task_id: str, owner: Owner) -> None:
        """Send a result again; one that is not there yet is sent when it is.

        Raises:
            UnknownTaskError: no such task of this owner.
        """
        async with self._database.write() as session:
            row = await _own(session, task_id, owner)
            if row.state == TaskState.PENDING:
                return
            row.state, row.deliveries = TaskState.RESPONSE_RETRY, 0
            enqueue(session, JobRow, DELIVER, task_id)
        self._jobs.wake()


async def _waiting(session: AsyncSession, owner: Owner) -> int:
    mine = (TaskRow.member == owner.member) & (TaskRow.organisation == owner.organisation)
    query = select(func.count()).select_from(TaskRow).where(mine, TaskRow.state == TaskState.PENDING)
    return await session.scalar(query) or 0


async def _own(session: AsyncSession, task_id: str, owner: Owner) -> TaskRow:
    mine = (TaskRow.member == owner.member) & (TaskRow.organisation == owner.organisation)
    row = await session.scalar(select(TaskRow).where(TaskRow.id == task_id, mine).with_for_update())
    if row is None:
        raise UnknownTaskError("there is no such task here")
    return row
