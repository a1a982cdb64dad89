"""The workers' room put together: what the application starts and stops."""

import base64
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import httpx
import structlog
from fastapi import FastAPI

from services.registry.documents.examination import DocumentRoom
from services.registry.documents.trust import load_trust
from services.registry.workers.biometrics import BiometricSearch
from services.registry.workers.board import CheckedBoard
from services.registry.workers.check import RegistrationCheck
from services.registry.workers.intake import (
    CaptureNotUsableError,
    IdempotencyKeyMissingError,
    Intake,
    ParticularsInvalidError,
)
from services.registry.workers.store import (
    CHECK_JOB,
    ERASE_JOB,
    IdempotencyConflictError,
    RegistrationStore,
    RegistrationUnknownError,
)
from services.registry.workers.tables import JobRow
from services.registry.workers.views import ViewDeniedError
from shared.crypto.sealing import KeyRing, MemberKeyMissingError
from shared.db.database import Database, now
from shared.db.jobs import Handler, JobRunner
from shared.http.client import ServiceClient
from shared.http.problems import Answer, ProblemTable
from shared.http.tokens import CallerSigner
from shared.settings import Settings
from shared.standards.ages import load_rules

log = structlog.get_logger(__name__)

MoreWork = Callable[[Database, RegistrationStore], Mapping[str, Handler]]
"""Durable work that other rooms do with registrations, by kind of job."""

PROBLEMS: ProblemTable = {
    RegistrationUnknownError: Answer(404, "not-found", "There is no such registration"),
    IdempotencyKeyMissingError: Answer(400, "idempotency-key", "An idempotency key is needed"),
    IdempotencyConflictError: Answer(422, "idempotency-conflict", "The idempotency key was used for something else"),
    CaptureNotUsableError: Answer(422, "capture-not-usable", "A photo or print cannot be used"),
    ParticularsInvalidError: Answer(422, "invalid", "The request does not fit its description"),
    ViewDeniedError: Answer(403, "not-allowed", "Not allowed"),
    MemberKeyMissingError: Answer(503, "not-ready", "No sealing key for this member"),
}


@asynccontextmanager
async def open_workers_room(
    app: FastAPI,
    settings: Settings,
    database: Database,
    biometrics_transport: httpx.AsyncBaseTransport | None,
    more_work: MoreWork,
) -> AsyncIterator[None]:
    """Start the room: its store, its way to the biometric service and its durable work, with that of other rooms."""
    keys = settings.key_folder
    signer = CallerSigner("registry", (keys / "registry-signing.pem").read_bytes())
    client = ServiceClient("biometrics", signer, settings.biometrics_url or "http://biometrics", biometrics_transport)
    digest_key = base64.b64decode((keys / "registry-digest.key").read_text())
    store = RegistrationStore(database, KeyRing.load(keys / "registry-sealing.json"), digest_key)
    documents = DocumentRoom(database, digest_key, load_trust(settings.csca, settings.seal_signers))
    search, board = BiometricSearch(client), CheckedBoard()
    check = RegistrationCheck(
        store, search, documents, load_rules(), lambda: now().date(), estimates_ages=settings.age_estimates
    )

    async def check_and_announce(registration_id: str) -> None:
        try:
            await check.run(registration_id)
        except RegistrationUnknownError:
            log.info("check_of_a_withdrawn_registration")  # its packet is erased: there is nothing left to check
        board.announce(registration_id)

    async def erase(registration_id: str) -> None:
        await search.erase(*await store.person(registration_id))
        await documents.forget(registration_id)

    work = {CHECK_JOB: check_and_announce, ERASE_JOB: erase, **more_work(database, store)}
    runner = JobRunner(database, JobRow, work, settings.workers)
    app.state.registrations, app.state.checked_board, app.state.job_runner = store, board, runner
    app.state.biometric_search = search
    app.state.intake = Intake(store, search, lambda: now().date())
    await runner.start()
    try:
        yield
    finally:
        await runner.stop()
        await documents.close()
        await client.close()
