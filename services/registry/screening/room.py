"""The screening room put together: what the application starts and stops."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI

from services.registry.screening.batch_rows import BatchRefusedError
from services.registry.screening.batches import (
    BATCH_JOB,
    DESTROY_JOB,
    Batches,
    BatchNotDoneError,
    TooManyBatchesError,
)
from services.registry.screening.catalog import UnknownAlgorithmError, UnknownDatasetError
from services.registry.screening.clearances import Clearances
from services.registry.screening.entities import UnknownPropertyError
from services.registry.screening.office_tables import ScreeningJobRow
from services.registry.screening.scope import UnknownFilterError
from services.registry.screening.screener import Screener
from services.registry.screening.search import UnknownSortError
from services.registry.screening.sweeping import NOTIFY_JOB, WatchSweep
from services.registry.screening.thresholds import ThresholdTooLowError
from services.registry.screening.watches import TooManyWatchesError, Watches
from services.registry.screening.webhooks import Webhooks
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.db.jobs import JobRunner
from shared.http.named_hosts import HostNotNamedError, NamedHosts
from shared.http.problems import Answer, ProblemTable
from shared.settings import Settings

_WORKERS: Final = 4
"""More than hosts that let a webhook wait are likely to hold up."""

PROBLEMS: Final[ProblemTable] = {
    UnknownAlgorithmError: Answer(400, "algorithm", "There is no such way of scoring"),
    UnknownSortError: Answer(400, "sort", "The answers cannot be put in this order"),
    UnknownFilterError: Answer(400, "filter", "There is no such filter"),
    UnknownDatasetError: Answer(404, "dataset", "There is no such dataset"),
    UnknownPropertyError: Answer(404, "property", "Nothing can be adjacent by this property"),
    BatchNotDoneError: Answer(409, "batch-not-done", "The batch is not done yet"),
    BatchRefusedError: Answer(422, "batch-refused", "The list cannot be screened"),
    ThresholdTooLowError: Answer(422, "threshold", "An office's bar is at least the calibrated one"),
    HostNotNamedError: Answer(422, "host-not-named", "Notices are not sent to this host"),
    TooManyBatchesError: Answer(429, "too-many-batches", "Too many batches are under way"),
    TooManyWatchesError: Answer(429, "too-many-watches", "Too many watches"),
}


@asynccontextmanager
async def open_screening_room(app: FastAPI, settings: Settings, database: Database) -> AsyncIterator[None]:
    """Start the room: its memory of offices, batches and watches, and their durable work."""
    keys, screener = settings.key_folder, app.state.screener
    assert isinstance(screener, Screener)  # noqa: S101
    ring = KeyRing.load(keys / "registry-sealing.json")
    clearances = Clearances(base64.b64decode((keys / "registry-digest.key").read_text()))
    batches = Batches(database, ring, screener, clearances)
    hosts = NamedHosts(settings.webhook_hosts, "webhook", "LINDUNG_WEBHOOK_HOSTS")
    sweep = WatchSweep(database, ring, screener)
    webhooks = Webhooks(database, hosts, (keys / "registry-signing.pem").read_bytes())
    handlers = {BATCH_JOB: batches.screen, DESTROY_JOB: batches.destroy, NOTIFY_JOB: webhooks.send}
    runner = JobRunner(database, ScreeningJobRow, handlers, _WORKERS)
    app.state.clearances, app.state.batches, app.state.webhooks = clearances, batches, webhooks
    app.state.watches, app.state.watch_sweep = Watches(database, ring, hosts, sweep), sweep
    app.state.screening_runner = runner
    await runner.start()
    looking = asyncio.create_task(sweep.run(runner))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await runner.stop()
        await webhooks.close()
