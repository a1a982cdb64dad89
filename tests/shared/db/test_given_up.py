"""What was given up is taken up again at the next start."""

import pytest
import sqlalchemy as sa

from services.registry.workers.tables import JobRow
from shared.db.database import Database, now
from shared.db.jobs import JobRunner, enqueue
from shared.settings import Settings

pytestmark = pytest.mark.anyio


async def test_a_restart_tries_again_what_was_given_up(deployment: Settings) -> None:
    database = Database(deployment.database_url("registry"))
    async with database.write() as session:
        job = enqueue(session, JobRow, "work", "R1")
        await session.flush()
        lost = {"state": "FAILED", "attempts": 2000, "finished_at": now(), "last_error": "ConnectError"}
        await session.execute(sa.update(JobRow).where(JobRow.id == job).values(lost))

    async def handle(_subject: str) -> None:
        return

    runner = JobRunner(database, JobRow, {"work": handle}, workers=0)
    await runner.start()
    assert await runner.pending() == 1
    async with database.read() as session:
        row = await session.get_one(JobRow, job)
    assert (row.state, row.attempts, row.finished_at) == ("READY", 0, None)
    await runner.stop()
    await database.close()
