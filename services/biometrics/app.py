"""The biometric service: OSIA Biometrics 1.6.0 over faces and fingerprints under opaque ids."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import structlog
from fastapi import FastAPI
from prometheus_client import Gauge

from services.biometrics.answers import PROBLEMS, install_osia_errors
from services.biometrics.encounters.change_routes import router as change_router
from services.biometrics.encounters.moving import MOVE, FaceMove
from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.encounters.routes import router as encounter_router
from services.biometrics.encounters.store import EncounterStore
from services.biometrics.encounters.template_routes import router as template_router
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.gallery_routes import router as gallery_router
from services.biometrics.identify.matching import Matcher
from services.biometrics.identify.routes import router as search_router
from services.biometrics.identify.search import Search
from services.biometrics.quality.routes import router as quality_router
from services.biometrics.task_routes import router as task_router
from services.biometrics.tasks.room import open_tasks
from services.biometrics.templates.engines import EngineThreads, load_engines
from services.biometrics.templates.extraction import Extractor
from shared.crypto.keyfiles import load_trusted
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.http.application import frame_application
from shared.http.tokens import CallerVerifier
from shared.settings import Settings

log = structlog.get_logger(__name__)

_DESCRIPTION: Final = {
    "title": "Lindung biometrics",
    "version": "1.6.0",
    "description": (
        "OSIA Biometrics (ABIS) 1.6.0: persons, encounters, identification and verification over faces and "
        "fingerprints. Opaque ids only: no name and no birth date is taken. Scores are in bans, decimal orders of "
        "magnitude of evidence. A candidate is not a decision."
    ),
}


class MemoryNotLoadedError(Exception):
    """What searches see has not been read from the table yet."""


def create_app(settings: Settings) -> FastAPI:
    """The service; it begins to serve when its engines and its memory are loaded.

    Args:
        settings: of the deployment; its key files must be there when the service starts.
    """
    app = frame_application(
        "biometrics", settings, lifespan=_lifespan, ready=_ready, problems=PROBLEMS, description=_DESCRIPTION
    )
    install_osia_errors(app)
    app.state.loaded = False
    for router in (
        encounter_router,
        change_router,
        template_router,
        search_router,
        gallery_router,
        quality_router,
        task_router,
    ):
        app.include_router(router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    trusted = dict(load_trusted(settings.key_folder / "trusted.jwks"))
    app.state.caller_verifier = CallerVerifier("biometrics", trusted)
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url("biometrics"))
        stack.push_async_callback(database.close)
        threads = EngineThreads(settings.engine_threads)
        stack.push_async_callback(threads.close)
        store = await _furnish(app, database, threads)
        stack.push_async_callback(store.close)
        others = {MOVE: app.state.face_move.move}
        await stack.enter_async_context(open_tasks(app, database, app.state.ring, trusted, others))
        app.state.loaded = True
        yield
        app.state.loaded = False


async def _furnish(app: FastAPI, database: Database, threads: EngineThreads) -> EncounterStore:
    """Load engines and memory, and put on the application's state what the routes ask for."""
    ring = KeyRing.load(app.state.settings.key_folder / "biometrics-sealing.json")
    engines = await threads.run(partial(load_engines, app.state.settings))
    enrolled = await EncounterReader(database, ring, engines.models).face_models()
    engines = await threads.run(partial(engines.with_former, enrolled, app.state.settings))
    await threads.warm_up(engines)
    reader, galleries = EncounterReader(database, ring, engines.models), Galleries()
    async for encounters in reader.searched():
        await asyncio.to_thread(galleries.add_all, encounters)
    log.info("memory_loaded", encounters=len(galleries))
    if left_out := await reader.left_out():
        log.error("items_of_other_models_are_not_searched", items=left_out)
    store = EncounterStore(database, ring, galleries, engines.models)
    state = app.state
    state.database, state.ring, state.reader, state.store, state.threads = database, ring, reader, store, threads
    state.extractor = Extractor(engines, threads)
    left = Gauge("lindung_faces_to_move", "Faces of a former model", registry=state.metrics.registry)
    state.face_move = FaceMove(database, ring, store, state.extractor, left)
    await state.face_move.promise()
    state.search = Search(galleries, Matcher(engines))
    return store


async def _ready(app: FastAPI) -> None:
    if not app.state.loaded:
        raise MemoryNotLoadedError
    await app.state.database.ping()
