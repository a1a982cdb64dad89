"""The registry put together: its database, its rooms, its errors."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
from fastapi import FastAPI

from services.registry.adjudication import routes as adjudication
from services.registry.adjudication import worker_routes as worker
from services.registry.adjudication.room import PROBLEMS as ADJUDICATION_PROBLEMS
from services.registry.adjudication.room import adjudication_work
from services.registry.admission import PurposeNotAllowedError
from services.registry.cases import routes as cases
from services.registry.cases.rules import DecisionMissingError, IllegalTransitionError
from services.registry.corrections import routes as corrections
from services.registry.exchange import routes as exchange
from services.registry.exchange.room import PROBLEMS as EXCHANGE_PROBLEMS
from services.registry.exchange.room import open_exchange_room
from services.registry.history import (
    DayToComeError,
    NotOwnRecordError,
    RecordNotFoundError,
    UnknownPartyError,
    WrittenMeanwhileError,
)
from services.registry.indicators import routes as indicators
from services.registry.indicators.room import PROBLEMS as INDICATOR_PROBLEMS
from services.registry.inspections import routes as visits
from services.registry.inspections.room import PROBLEMS as VISIT_PROBLEMS
from services.registry.licences import routes as licences
from services.registry.licences.inspections import ForeignInspectionError
from services.registry.licences.rules import IllegalStatusError
from services.registry.licences.store import LicenceMovedError, NothingToCorrectError
from services.registry.listings import routes as listings
from services.registry.listings.rules import DueProcessError, IllegalMoveError
from services.registry.parties import routes as parties
from services.registry.parties.links import LinkMovedError
from services.registry.public import routes as public
from services.registry.public.room import PROBLEMS as PUBLIC_PROBLEMS
from services.registry.redflags import routes as redflags
from services.registry.redflags.room import PROBLEMS as RED_FLAG_PROBLEMS
from services.registry.redflags.weighing import promise_weighing, red_flag_work
from services.registry.redress import fund_routes
from services.registry.redress import routes as redress
from services.registry.redress.room import PROBLEMS as REDRESS_PROBLEMS
from services.registry.referrals import abroad_routes
from services.registry.referrals import routes as referrals
from services.registry.referrals.room import PROBLEMS as REFERRAL_PROBLEMS
from services.registry.referrals.room import open_referrals_room
from services.registry.region import routes as region
from services.registry.retention import routes as retention
from services.registry.retention.room import PROBLEMS as RETENTION_PROBLEMS
from services.registry.retention.room import open_retention_room
from services.registry.screening import batch_routes, office_routes, reconcile_routes, watch_routes
from services.registry.screening import routes as screening
from services.registry.screening.index import index_party
from services.registry.screening.room import PROBLEMS as SCREENING_PROBLEMS
from services.registry.screening.room import open_screening_room
from services.registry.screening.screener import Screener
from services.registry.statistics import routes as statistics
from services.registry.statistics.edition import Editions
from services.registry.support import plan_routes as support_plan
from services.registry.support import routes as support
from services.registry.support.room import PROBLEMS as SUPPORT_PROBLEMS
from services.registry.workers import agency_routes
from services.registry.workers import routes as workers
from services.registry.workers.room import PROBLEMS as WORKER_PROBLEMS
from services.registry.workers.room import open_workers_room
from services.registry.workers.store import RegistrationStore
from shared.contracts.inlining import inlined
from shared.contracts.problem import Problem
from shared.crypto.keyfiles import load_trusted
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.db.jobs import Handler
from shared.http import key_routes
from shared.http.application import frame_application
from shared.http.problems import MEDIA_TYPE, Answer
from shared.http.tokens import CallerVerifier
from shared.settings import Settings

_PROBLEM: Final[dict[int | str, dict[str, Any]]] = {
    "default": {
        "description": "Problem (RFC 9457)",
        "content": {MEDIA_TYPE: {"schema": inlined(Problem)}},
    }
}
"""How every route answers what it cannot serve."""

PROBLEMS: Final[dict[type[Exception], Answer]] = {
    PurposeNotAllowedError: Answer(403, "purpose", "The purpose does not allow this"),
    NotOwnRecordError: Answer(403, "not-own-record", "The record belongs to another member"),
    RecordNotFoundError: Answer(404, "not-found", "There is no such record"),
    IllegalTransitionError: Answer(409, "illegal-transition", "The case cannot have got there"),
    IllegalMoveError: Answer(409, "illegal-move", "The listing cannot make this move"),
    IllegalStatusError: Answer(409, "illegal-status", "This cannot follow what was told before"),
    NothingToCorrectError: Answer(409, "nothing-to-correct", "There is nothing to strike"),
    LinkMovedError: Answer(409, "link-moved", "A link stays what it is"),
    LicenceMovedError: Answer(409, "licence-moved", "A licence stays what it is"),
    WrittenMeanwhileError: Answer(409, "written-meanwhile", "The record was written at the same time"),
    **WORKER_PROBLEMS,
    **ADJUDICATION_PROBLEMS,
    **EXCHANGE_PROBLEMS,
    **SCREENING_PROBLEMS,
    **INDICATOR_PROBLEMS,
    **PUBLIC_PROBLEMS,
    **REFERRAL_PROBLEMS,
    **SUPPORT_PROBLEMS,
    **RED_FLAG_PROBLEMS,
    **VISIT_PROBLEMS,
    **REDRESS_PROBLEMS,
    **RETENTION_PROBLEMS,
    DecisionMissingError: Answer(422, "decision-missing", "A graver correction needs its decision"),
    DueProcessError: Answer(422, "due-process", "Due process stands against it"),
    DayToComeError: Answer(422, "day-to-come", "This day has not come yet"),
    ForeignInspectionError: Answer(422, "foreign-inspection", "An inspection is about one party"),
    UnknownPartyError: Answer(422, "unknown-party", "The register does not hold the party"),
}


def _more_work(database: Database, store: RegistrationStore) -> Mapping[str, Handler]:
    """Durable work of the rooms beside the workers', by kind of job."""
    return {**adjudication_work(database, store), **red_flag_work(database)}


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
        app.state.sealing_keys = KeyRing.load(settings.key_folder / "registry-sealing.json")
        app.state.digest_key = base64.b64decode((settings.key_folder / "registry-digest.key").read_text())
        app.state.statistics = Editions(database, settings.member, app.state.digest_key)
        app.state.screener = Screener(database, settings.engine_threads)
        app.state.caller_verifier = CallerVerifier("registry", load_trusted(settings.key_folder / "trusted.jwks"))
        try:
            await promise_weighing(database)
            async with (
                open_workers_room(app, settings, database, biometrics_transport, _more_work),
                open_exchange_room(app, settings, database),
                open_screening_room(app, settings, database),
                open_referrals_room(app, settings, database),
                open_retention_room(database, app.state.sealing_keys),
            ):
                yield
        finally:
            await database.close()

    app = frame_application(
        "registry",
        settings,
        lifespan=lifespan,
        ready=_ready,
        problems=PROBLEMS,
        description={"title": "Lindung registry", "version": "1", "description": __doc__, "responses": _PROBLEM},
    )
    app.state.party_index = index_party
    _include_rooms(app)
    return app


def _include_rooms(app: FastAPI) -> None:
    for room in (parties, cases, licences, listings, screening, workers, exchange, adjudication, worker):
        app.include_router(room.router)
    for part in (
        agency_routes,
        reconcile_routes,
        office_routes,
        batch_routes,
        watch_routes,
        indicators,
        referrals,
        support,
        support_plan,
        abroad_routes,
        redflags,
        visits,
        redress,
        fund_routes,
        public,
        statistics,
        corrections,
        region,
        retention,
        key_routes,
    ):
        app.include_router(part.router)


async def _ready(app: FastAPI) -> None:
    await app.state.database.ping()
