"""The exchange's room put together: what the application starts and stops."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI

from services.registry.exchange.store import IMPORT_JOB, PartOutOfTurnError
from services.registry.exchange.work import ImportWork
from services.registry.imported import ImportJobRow
from services.registry.screening.index import REINDEX_JOB, index_missing, promise_missing
from shared.db.database import Database
from shared.db.jobs import JobRunner
from shared.http.problems import Answer, ProblemTable
from shared.settings import Settings

PROBLEMS: ProblemTable = {PartOutOfTurnError: Answer(409, "part-out-of-turn", "Another part is due")}

_PROCESSES: Final = 2


@asynccontextmanager
async def open_exchange_room(app: FastAPI, settings: Settings, database: Database) -> AsyncIterator[None]:
    """Start the room's durable work; imports follow one another."""
    work = ImportWork(database, min(_PROCESSES, settings.engine_threads))

    async def index(_subject: str) -> None:
        await index_missing(database)

    runner = JobRunner(database, ImportJobRow, {IMPORT_JOB: work.run, REINDEX_JOB: index}, workers=1)
    app.state.import_runner = runner
    await promise_missing(database, ImportJobRow)
    await runner.start()
    try:
        yield
    finally:
        await runner.stop()
