"""Durable work: promised with the thing it is about, done at least once, on both databases."""

from datetime import datetime

import anyio
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.db.database import Database, UtcDateTime, new_metadata, now
from shared.db.jobs import JobColumns, JobRunner, enqueue, job_indexes, retry_delay_s
from shared.settings import Settings

pytestmark = pytest.mark.anyio


class Base(DeclarativeBase):
    metadata = new_metadata()


class Job(JobColumns, Base):
    __tablename__ = "trial_jobs"
    __table_args__ = job_indexes("trial_jobs")


class Note(Base):
    __tablename__ = "trial_notes"
    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


@pytest.fixture
async def database(deployment: Settings):
    opened = Database(deployment.database_url("registry"))
    async with opened.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield opened
    async with opened.engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    await opened.close()


async def promise(database: Database, subject: str) -> None:
    async with database.write() as session:
        session.add(Note(id=subject, at=now()))
        enqueue(session, Job, "work", subject)


async def run_until_idle(runner: JobRunner) -> None:
    with anyio.fail_after(20):
        while await runner.pending():  # noqa: ASYNC110  what is awaited is a row in the database
            await anyio.sleep(0.01)


async def test_work_is_done_once_it_is_committed(database: Database) -> None:
    done: list[str] = []

    async def handle(subject: str) -> None:
        done.append(subject)

    runner = JobRunner(database, Job, {"work": handle})
    for number in range(5):
        await promise(database, f"s{number}")
    await runner.start()
    await run_until_idle(runner)
    await runner.stop()
    assert sorted(done) == [f"s{number}" for number in range(5)]


async def test_a_promise_is_undone_with_what_it_is_about(database: Database) -> None:
    class ChangedMindError(Exception): ...

    async def change_mind() -> None:
        async with database.write() as session:
            session.add(Note(id="gone", at=now()))
            enqueue(session, Job, "work", "gone")
            await session.flush()
            raise ChangedMindError

    with pytest.raises(ChangedMindError):
        await change_mind()
    async with database.read() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(Job))).scalar_one() == 0


async def test_a_failure_comes_back(database: Database) -> None:
    attempts = 0

    async def handle(_subject: str) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise ConnectionError("Siti Aminah is not for the log")

    runner = JobRunner(database, Job, {"work": handle})
    await promise(database, "s")
    await runner.start()
    await run_until_idle(runner)
    await runner.stop()
    assert attempts == 2
    async with database.read() as session:
        job = (await session.scalars(sa.select(Job))).one()
    assert (job.state, job.last_error) == ("DONE", None)


async def test_what_a_killed_runner_held_is_taken_up_at_once(database: Database) -> None:
    await promise(database, "s")
    killed = JobRunner(database, Job, {})
    assert await killed._claim() is not None  # leased, and then the process is gone
    done = anyio.Event()

    async def handle(_subject: str) -> None:
        done.set()

    runner = JobRunner(database, Job, {"work": handle})
    await runner.start()
    with anyio.fail_after(5):
        await done.wait()
    await run_until_idle(runner)
    await runner.stop()


async def test_two_runners_do_not_claim_the_same_job(database: Database) -> None:
    for number in range(20):
        await promise(database, f"s{number}")
    runners = [JobRunner(database, Job, {}) for _ in range(2)]
    claims: list[str] = []

    async def claim_all(runner: JobRunner) -> None:
        while (claim := await runner._claim()) is not None:
            claims.append(claim.subject)

    async with anyio.create_task_group() as group:
        for runner in runners:
            group.start_soon(claim_all, runner)
    assert sorted(claims) == sorted(f"s{number}" for number in range(20))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_retries_move_apart_and_stay_bounded(backend: str) -> None:
    delays = [retry_delay_s(attempt) for attempt in range(1, 60)]
    assert 0.5 <= delays[0] <= 0.625
    assert max(delays) <= 375
    assert delays[10] > delays[2]
