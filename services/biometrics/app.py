"""The biometric service: OSIA Biometrics 1.6.0 over faces and fingerprints under opaque ids."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import structlog
from fastapi import FastAPI
from prometheus_client import Gauge
from starlette.datastructures import State

from services.biometrics.age.estimator import AgeEstimator
from services.biometrics.age.routes import router as age_router
from services.biometrics.answers import PROBLEMS, install_osia_errors
from services.biometrics.calibrations.routes import router as calibration_router
from services.biometrics.calibrations.taking_effect import CalibrationWatch
from services.biometrics.correspondences.routes import router as correspondence_router
from services.biometrics.encounters.change_routes import router as change_router
from services.biometrics.encounters.moving import MOVE, FaceMove
from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.encounters.routes import router as encounter_router
from services.biometrics.encounters.store import EncounterStore
from services.biometrics.encounters.template_routes import router as template_router
from services.biometrics.evidence.shelf import CalibrationShelf
from services.biometrics.figures.routes import router as figures_router
from services.biometrics.identify.auditing import AUDIT, IndexAuditor, NightlyAudit
from services.biometrics.identify.face_shelves import SNAPSHOTS, FaceShelves
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.gallery_routes import router as gallery_router
from services.biometrics.identify.keeping import keep_snapshots
from services.biometrics.identify.loading import load
from services.biometrics.identify.matching import Matcher
from services.biometrics.identify.routes import router as search_router
from services.biometrics.identify.search import Search
from services.biometrics.index.opening import open_index, sweep_snapshots
from services.biometrics.mosip.room import open_mosip
from services.biometrics.mosip.routes import router as mosip_router
from services.biometrics.probes.routes import router as probe_router
from services.biometrics.quality.nfiq2 import load_nfiq2
from services.biometrics.quality.routes import router as quality_router
from services.biometrics.task_routes import router as task_router
from services.biometrics.tasks.room import open_tasks
from services.biometrics.templates.engines import Engines, EngineThreads, load_engines
from services.biometrics.templates.extraction import Extractor
from shared.crypto.keyfiles import load_trusted
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.http.application import frame_application
from shared.http.key_routes import router as key_router
from shared.http.tokens import CallerVerifier
from shared.settings import Settings

log = structlog.get_logger(__name__)

_DESCRIPTION: Final = {
    "title": "Lindung biometrics",
    "version": "1.6.0",
    "description": (
        "OSIA Biometrics (ABIS) 1.6.0: persons, encounters, identification and verification over faces and "
        "fingerprints. Opaque ids only: no name and no birth date is taken. A score of s is reached by one stranger "
        "in 10^s. A candidate is not a decision."
    ),
}


_SEARCHERS_A_THREAD: Final = 4


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
        age_router,
        probe_router,
        correspondence_router,
        figures_router,
        calibration_router,
        key_router,
        task_router,
        mosip_router,
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
        # Searches wait in threads of their own, so that those that arrive together go through the index together.
        app.state.searchers = EngineThreads(_SEARCHERS_A_THREAD * settings.engine_threads)
        stack.push_async_callback(app.state.searchers.close)
        store = await _furnish(app, database, threads)
        stack.push_async_callback(store.close)
        await stack.enter_async_context(keep_snapshots(app.state.face_shelves))
        await stack.enter_async_context(app.state.calibrations.running())
        others = {MOVE: app.state.face_move.move, AUDIT: app.state.index_audit.work}
        await stack.enter_async_context(open_tasks(app, database, app.state.ring, trusted, others))
        await stack.enter_async_context(open_mosip(app, database))
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
    reader = EncounterReader(database, ring, engines.models)
    snapshot_key = ring.derived(SNAPSHOTS)
    shelves = FaceShelves(lambda shelf, dimension: open_index(app.state.settings, *shelf, dimension, snapshot_key))
    galleries = Galleries(shelves)
    await load(galleries, reader)
    sweep_snapshots(app.state.settings, shelves.shelves())
    log.info("memory_loaded", encounters=len(galleries))
    if left_out := await reader.left_out():
        log.error("items_of_other_models_are_not_searched", items=left_out)
    store = EncounterStore(database, ring, galleries, engines.models)
    state = app.state
    state.database, state.ring, state.reader, state.store, state.threads = database, ring, reader, store, threads
    state.galleries = galleries
    state.extractor, state.nfiq2 = Extractor(engines, threads), load_nfiq2()
    state.age_estimator = await threads.run(AgeEstimator) if state.settings.age_estimates else None
    left = Gauge("lindung_faces_to_move", "Faces of a former model", registry=state.metrics.registry)
    state.face_move = FaceMove(database, ring, store, state.extractor, left)
    await state.face_move.promise()
    auditor = IndexAuditor(shelves, reader, lambda: state.engines.calibrations)
    state.face_shelves, state.index_audit = shelves, NightlyAudit(database, auditor, state.metrics.registry)
    await state.index_audit.promise()
    _go_by(state, engines)
    shelf = CalibrationShelf(state.settings.calibration_folder, state.settings.key_folder)
    state.calibrations = CalibrationWatch(engines, shelf, partial(_go_by, state))
    return store


def _go_by(state: State, engines: Engines) -> None:
    """Whatever is asked from now on; a search under way keeps the matcher that it began with."""
    state.engines, state.search = engines, Search(state.galleries, Matcher(engines), state.settings.target_fpir)


async def _ready(app: FastAPI) -> None:
    if not app.state.loaded:
        raise MemoryNotLoadedError
    await app.state.database.ping()
