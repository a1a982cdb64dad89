"""Durable work: what was promised is done, whatever happens to the process.

A job is a row written in the same transaction as the thing that needs work. A runner claims due jobs under a lease,
runs their handler and marks them done; a failure comes back later, further and further apart. Handlers are called at
least once and must be idempotent. The same on SQLite and PostgreSQL (docs/adr/0003).
"""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Index, String, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.database import Database, UtcDateTime, now

LEASE: Final = timedelta(seconds=60)
FIRST_RETRY_S: Final = 0.5
LONGEST_RETRY_S: Final = 300.0
MAX_ATTEMPTS: Final = 2_000
"""A week of trying every five minutes: an outage ends before; only what cannot succeed is given up, until a restart."""
_POLL_S: Final = 1.0

log = structlog.get_logger(__name__)

Handler = Callable[[str], Awaitable[None]]


class JobColumns:
    """Columns of a service's job table; the table itself is named by the service that mixes this in."""

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8), default="READY")  # READY, DONE, FAILED
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    last_error: Mapped[str | None] = mapped_column(String(200), default=None)  # the error's class, never its text
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


def job_indexes(table: str) -> tuple[Index, ...]:
    """Indexes that a job table needs, for its `__table_args__`."""
    return (Index(f"ix_{table}_state_due_at", "state", "due_at"), Index(f"ix_{table}_subject", "subject"))


def enqueue(
    session: AsyncSession, table: type[JobColumns], kind: str, subject: str, due_at: datetime | None = None
) -> str:
    """Promise work on a subject, in the caller's transaction.

    Args:
        session: the transaction that also writes what the work is about.
        table: the service's job table.
        kind: which handler.
        subject: opaque id of the row the handler works on; the job itself carries no personal data.
        due_at: not before then, and before all that is due later; None: now.

    Returns:
        The job's id.
    """
    instant = now()
    job = table()
    job.id, job.kind, job.subject = secrets.token_hex(16), kind, subject
    job.state, job.attempts, job.due_at, job.created_at = "READY", 0, due_at or instant, instant
    session.add(job)
    return job.id


@dataclass(frozen=True)
class Claim:
    """A job this runner holds until its lease ends."""

    id: str
    kind: str
    subject: str
    attempts: int


class JobRunner:
    """Runs a service's due jobs, a few at a time.

    One runner a service: at start it takes back what a killed predecessor had under lease, so that nobody waits for
    the lease to end. A second runner does no harm (handlers are idempotent), it only repeats work.
    """

    def __init__(
        self, database: Database, table: type[JobColumns], handlers: Mapping[str, Handler], workers: int = 2
    ) -> None:
        self._database = database
        self._table = table
        self._handlers = handlers
        self._workers = workers
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take back the leases of a killed predecessor and what was given up, then begin."""
        table = self._table
        again = {"state": "READY", "attempts": 0, "due_at": now(), "finished_at": None}
        async with self._database.write() as session:
            await session.execute(update(table).where(table.state == "READY").values(leased_until=None))
            await session.execute(update(table).where(table.state == "FAILED").values(again))
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._workers)]

    async def stop(self) -> None:
        """Cancel what is under way; it is done again at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def wake(self) -> None:
        """Say that a job was enqueued and committed, so that nobody waits for the next poll."""
        self._wake.set()

    async def pending(self) -> int:
        """How many jobs are promised and not done."""
        async with self._database.read() as session:
            query = select(func.count()).select_from(self._table).where(self._table.state == "READY")
            return int((await session.execute(query)).scalar_one())

    async def _work(self) -> None:
        while True:
            self._wake.clear()  # before looking: a job enqueued while we look sets it again
            try:
                claim = await self._claim()
                if claim is None:
                    await self._wait()
                else:
                    await self._run(claim)
            except Exception as error:  # noqa: BLE001  the runner outlives any fault of the database
                log.error("job_runner_error", error=type(error).__name__)
                await asyncio.sleep(_POLL_S)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), _POLL_S)
        except TimeoutError:
            return

    async def _claim(self) -> Claim | None:
        table, instant = self._table, now()
        free = table.leased_until.is_(None) | (table.leased_until < instant)
        query = (
            select(table).where(table.state == "READY", table.due_at <= instant, free).order_by(table.due_at).limit(1)
        )
        async with self._database.read() as session:  # looking costs no write lock on SQLite
            if (await session.execute(query.with_only_columns(table.id))).first() is None:
                return None
        async with self._database.write() as session:
            job = (await session.execute(query.with_for_update(skip_locked=True))).scalar_one_or_none()
            if job is None:
                return None
            job.leased_until = instant + LEASE
            job.attempts += 1
            return Claim(job.id, job.kind, job.subject, job.attempts)

    async def _run(self, claim: Claim) -> None:
        renewal = asyncio.create_task(self._renew(claim))
        try:
            await self._handlers[claim.kind](claim.subject)
        except Exception as error:  # noqa: BLE001  whatever a handler meets, the job is tried again
            log.warning(
                "job_failed",
                kind=claim.kind,
                job=claim.id,
                attempt=claim.attempts,
                error=type(error).__name__,
            )
            await self._fail(claim, error)
        else:
            await self._finish(claim)
        finally:
            renewal.cancel()

    async def _renew(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await self._set(claim, leased_until=now() + LEASE)

    async def _finish(self, claim: Claim) -> None:
        await self._set(claim, state="DONE", finished_at=now(), leased_until=None, last_error=None)

    async def _fail(self, claim: Claim, error: Exception) -> None:
        cause = type(error).__name__[:200]
        if claim.attempts >= MAX_ATTEMPTS:
            log.error("job_given_up", kind=claim.kind, job=claim.id, error=cause)
            await self._set(claim, state="FAILED", finished_at=now(), leased_until=None, last_error=cause)
            return
        due = now() + timedelta(seconds=retry_delay_s(claim.attempts))
        await self._set(claim, due_at=due, leased_until=None, last_error=cause)

    async def _set(self, claim: Claim, **values: object) -> None:
        async with self._database.write() as session:
            await session.execute(update(self._table).where(self._table.id == claim.id).values(**values))


def retry_delay_s(attempt: int) -> float:
    """Seconds until a job that failed `attempt` times is tried again: doubling, with up to 25 % of chance."""
    delay = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(attempt - 1, 20))
    return delay * (1 + 0.25 * random.random())  # noqa: S311  spreading load needs no secret
