"""The biometric service: OSIA Biometrics 1.6.0 over faces and fingerprints under opaque ids."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import structlog
from fastapi import FastAPI

from services.biometrics.answers import PROBLEMS, install_osia_errors
from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.encounters.routes import router as encounter_router
from services.biometrics.encounters.store import EncounterStore
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.gallery_routes import router as gallery_router
from services.biometrics.identify.matching import Matcher
from services.biometrics.identify.routes import router as search_router
from services.biometrics.identify.search import Search
from services.biometrics.quality.routes import router as quality_router
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
    for router in (encounter_router, search_router, gallery_router, quality_router):
        app.include_router(router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    app.state.caller_verifier = CallerVerifier("biometrics", load_trusted(settings.key_folder / "trusted.jwks"))
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url("biometrics"))
        stack.push_async_callback(database.close)
        threads = EngineThreads(settings.engine_threads)
        stack.push_async_callback(threads.close)
        store = await _furnish(app, database, threads)
        stack.push_async_callback(store.close)
        app.state.loaded = True
        yield
        app.state.loaded = False


async def _furnish(app: FastAPI, database: Database, threads: EngineThreads) -> EncounterStore:
    """Load engines and memory, and put on the application's state what the routes ask for."""
    ring = KeyRing.load(app.state.settings.key_folder / "biometrics-sealing.json")
    engines = await threads.run(load_engines)
    await threads.warm_up(engines)
    models = frozenset({engines.face.model_id, engines.finger.model_id})
    reader, galleries = EncounterReader(database, ring, models), Galleries()
    async for encounters in reader.searched():
        await asyncio.to_thread(galleries.add_all, encounters)
    log.info("memory_loaded", encounters=len(galleries))
    if left_out := await reader.left_out():
        log.error("items_of_other_models_are_not_searched", items=left_out)
    store = EncounterStore(database, ring, galleries, models)
    state = app.state
    state.database, state.reader, state.store, state.threads = database, reader, store, threads
    state.extractor = Extractor(engines, threads)
    state.search = Search(galleries, Matcher(engines))
    return store


async def _ready(app: FastAPI) -> None:
    if not app.state.loaded:
        raise MemoryNotLoadedError
    await app.state.database.ping()
