"""The registry put together: its database, its rooms, its errors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
from fastapi import FastAPI

from services.registry.admission import PurposeNotAllowedError
from services.registry.cases import routes as cases
from services.registry.cases.rules import IllegalTransitionError
from services.registry.history import NotOwnRecordError, RecordNotFoundError, UnknownPartyError, WrittenMeanwhileError
from services.registry.licences import routes as licences
from services.registry.licences.store import LicenceMovedError
from services.registry.parties import routes as parties
from services.registry.screening import routes as screening
from services.registry.screening.index import index_party
from services.registry.screening.routes import UnknownDatasetError
from services.registry.screening.screener import Screener
from services.registry.workers import routes as workers
from services.registry.workers.room import PROBLEMS as WORKER_PROBLEMS
from services.registry.workers.room import open_workers_room
from shared.crypto.keyfiles import load_trusted
from shared.db.database import Database
from shared.http.application import frame_application
from shared.http.problems import Answer
from shared.http.tokens import CallerVerifier
from shared.settings import Settings

PROBLEMS: Final[dict[type[Exception], Answer]] = {
    PurposeNotAllowedError: Answer(403, "purpose", "The purpose does not allow this"),
    NotOwnRecordError: Answer(403, "not-own-record", "The record belongs to another member"),
    RecordNotFoundError: Answer(404, "not-found", "There is no such record"),
    UnknownDatasetError: Answer(404, "dataset", "There is no such dataset"),
    IllegalTransitionError: Answer(409, "illegal-transition", "The case cannot have got there"),
    LicenceMovedError: Answer(409, "licence-moved", "A licence stays what it is"),
    WrittenMeanwhileError: Answer(409, "written-meanwhile", "The record was written at the same time"),
    **WORKER_PROBLEMS,
    UnknownPartyError: Answer(422, "unknown-party", "The register does not hold the party"),
}


def create_app(settings: Settings, biometrics_transport: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """The registry's application.

    Args:
        settings: the deployment's.
        biometrics_transport: the way to the biometric service in the same process; none: over the network.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings.database_url("registry"))
        app.state.database = database
        app.state.screener = Screener(database, settings.engine_threads)
        app.state.caller_verifier = CallerVerifier("registry", load_trusted(settings.key_folder / "trusted.jwks"))
        try:
            async with open_workers_room(app, settings, database, biometrics_transport):
                yield
        finally:
            await database.close()

    app = frame_application(
        "registry",
        settings,
        lifespan=lifespan,
        ready=_ready,
        problems=PROBLEMS,
        description={"title": "Lindung registry", "version": "1", "description": __doc__},
    )
    app.state.party_index = index_party
    _include_rooms(app)
    return app


def _include_rooms(app: FastAPI) -> None:
    for room in (parties, cases, licences, screening, workers):
        app.include_router(room.router)


async def _ready(app: FastAPI) -> None:
    await app.state.database.ping()
