"""The gateway's application: wiring only."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import httpx
from fastapi import FastAPI

from services.gateway.access.acts.room import PROBLEMS as ACT_PROBLEMS
from services.gateway.access.admission import CaseReferenceInvalidError, PurposeMissingError
from services.gateway.access.anomalies import watch_log
from services.gateway.access.caps import CapExceededError, Caps
from services.gateway.access.caps_fields import CapFields
from services.gateway.access.clients import Clients
from services.gateway.access.enrolment import EnrolmentRefusedError
from services.gateway.access.flooding import FloodError, Flooding
from services.gateway.access.oidc.login import open_provider
from services.gateway.access.oidc.login import router as oidc_router
from services.gateway.access.people.passwords import PasswordRefusedError
from services.gateway.access.people.room import open_people
from services.gateway.access.people.slowing import SignInSlowedError
from services.gateway.access.people.users import RoleRefusedError
from services.gateway.access.policy import CaseReferenceMissingError, NotAllowedError, load_policy
from services.gateway.access.policy_answers import AnswerUnreadableError
from services.gateway.access.policy_gate import PolicyFields
from services.gateway.access.sessions import CsrfRefusedError
from services.gateway.access.signing_in import SignInRefusedError
from services.gateway.access.token_routes import router as token_router
from services.gateway.access.tokens import AccessTokenError, TokenIssuer
from services.gateway.act_routes import router as act_router
from services.gateway.alert_routes import (
    AlertAcknowledgedError,
    AlertConcernsCallerError,
    AlertUnknownError,
    CursorInvalidError,
)
from services.gateway.alert_routes import router as alert_router
from services.gateway.audit.erasures import erasures_logged
from services.gateway.audit.heads import HeadSigner
from services.gateway.audit.room import open_audit_log
from services.gateway.console.room import add_console
from services.gateway.desk_packets import PacketRefusedError, PacketsNotTakenError
from services.gateway.desk_packets import router as desk_router
from services.gateway.federation.fanout import router as screening_router
from services.gateway.federation.inbound import NotInFederationError
from services.gateway.front import router as front_router
from services.gateway.log_routes import EntryNotFoundError
from services.gateway.log_routes import router as audit_router
from services.gateway.operation_routes import router as operation_router
from services.gateway.passage import describe, door_router
from services.gateway.public_doors import PUBLIC_DOORS, admit_everybody
from services.gateway.region import PROBLEMS as REGION_PROBLEMS
from services.gateway.region import ROUTERS as REGION_ROUTERS
from services.gateway.region import open_region
from shared.contracts.caller import Caller
from shared.contracts.federation import FederatedMatchResponse
from shared.contracts.screening import MatchRequest
from shared.crypto.keyfiles import load_trusted
from shared.db.database import Database
from shared.http.application import frame_application
from shared.http.client import ServiceClient, ServiceUnavailableError
from shared.http.problems import Answer, ProblemTable
from shared.http.tokens import CallerSigner
from shared.settings import Settings
from shared.standards.merkle import ProofError

PROBLEMS: Final[ProblemTable] = {
    AccessTokenError: Answer(401, "not-authenticated", "No valid access token"),
    SignInRefusedError: Answer(401, "not-signed-in", "Signing in did not succeed"),
    SignInSlowedError: Answer(429, "sign-in-slowed", "Too many attempts failed"),
    EnrolmentRefusedError: Answer(403, "not-enrolled", "The invitation cannot be used"),
    PasswordRefusedError: Answer(422, "password-refused", "This password is too easily guessed"),
    RoleRefusedError: Answer(403, "not-allowed", "Not a role of this person"),
    CsrfRefusedError: Answer(403, "foreign-form", "The form was not sent by a page of this address"),
    PurposeMissingError: Answer(400, "purpose-missing", "Every request needs a purpose"),
    CaseReferenceMissingError: Answer(400, "case-missing", "This purpose needs a case reference"),
    CaseReferenceInvalidError: Answer(400, "case-invalid", "The case reference cannot be read"),
    EntryNotFoundError: Answer(404, "not-found", "The log has no such entry"),
    ProofError: Answer(422, "no-proof", "There is no such proof"),
    PacketRefusedError: Answer(422, "packet-refused", "The packet cannot be taken in"),
    PacketsNotTakenError: Answer(404, "not-found", "This gateway takes no packets"),
    NotAllowedError: Answer(403, "not-allowed", "The policy does not allow this"),
    AlertUnknownError: Answer(404, "not-found", "There is no such alert"),
    AlertConcernsCallerError: Answer(403, "concerned", "Nobody judges an alert about themselves"),
    AlertAcknowledgedError: Answer(409, "acknowledged", "This alert was acknowledged before"),
    CursorInvalidError: Answer(422, "cursor-invalid", "The cursor cannot be read"),
    FloodError: Answer(429, "flood", "Too many requests from one address"),
    CapExceededError: Answer(429, "cap-exceeded", "That is as much as may be asked for"),
    AnswerUnreadableError: Answer(502, "answer-unreadable", "A service behind the gateway answers in another form"),
    **ACT_PROBLEMS,
    **REGION_PROBLEMS,
    NotInFederationError: Answer(404, "not-found", "There is no such thing here"),
    ServiceUnavailableError: Answer(503, "service-away", "A service behind the gateway does not answer"),
}

_DOORS: Final = (door_router(PUBLIC_DOORS, admit_everybody), door_router())
"""Made once: FastAPI keeps every route's function for as long as the process lives."""


def create_app(
    settings: Settings,
    registry_transport: httpx.AsyncBaseTransport | None = None,
    biometrics_transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """The only door.

    Args:
        settings: the deployment's.
        registry_transport, biometrics_transport: to the other services when they run in this process.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        keys = settings.key_folder
        private = (keys / "gateway-signing.pem").read_bytes()
        signer = CallerSigner("gateway", private)
        database = Database(settings.database_url("gateway"))
        app.state.database = database
        app.state.policy = load_policy()
        app.state.flooding = Flooding()
        app.state.caps = Caps(database, settings.cap_factor)
        await app.state.caps.load()
        digest_key = base64.b64decode((keys / "gateway-digest.key").read_text())
        app.state.head_signer = HeadSigner(database, private)
        public = load_trusted(keys / "trusted.jwks")["gateway"]
        app.state.people = people = open_people(database, digest_key)
        app.state.token_issuer = TokenIssuer(Clients(database), people.sessions, private, public, settings.public_url)
        app.state.oidc = oidc = open_provider(settings, private)
        registry = ServiceClient("registry", signer, settings.registry_url or "http://registry", registry_transport)
        biometrics = ServiceClient(
            "biometrics", signer, settings.biometrics_url or "http://biometrics", biometrics_transport
        )
        app.state.registry, app.state.biometrics = registry, biometrics
        try:
            audit = open_audit_log(database, digest_key, app.state.head_signer, app.state.metrics.registry)
            watched = watch_log(database, app.state.metrics.registry)
            async with (
                audit as app.state.audit_log,
                open_region(app),
                watched,
                erasures_logged(registry, app.state.audit_log, settings.member),
            ):
                yield
        finally:
            if oidc is not None:
                await oidc[0].close()
            await registry.close()
            await biometrics.close()
            await database.close()

    app = frame_application(
        "gateway",
        settings,
        lifespan=lifespan,
        ready=_ready,
        problems=PROBLEMS,
        description={
            "title": "Lindung gateway",
            "version": "1.0.0",
            "description": "The only door: registration of workers, screening of employers and agencies, verification.",
        },
    )
    for router in (
        front_router,
        token_router,
        oidc_router,
        screening_router,
        *REGION_ROUTERS,
        audit_router,
        alert_router,
        act_router,
        operation_router,
        desk_router,
        *_DOORS,
    ):
        app.include_router(router)
    app.add_middleware(CapFields)
    app.add_middleware(PolicyFields)
    add_console(app)
    _describe_doors(app)
    return app


def _describe_doors(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document: Mapping[str, Any] = describe(app, (MatchRequest, FederatedMatchResponse))
            app.openapi_schema = dict(document)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


async def _ready(app: FastAPI) -> None:
    """The gateway is ready when those behind it are: a caller gains nothing from a door into the dark."""
    await cast("Database", app.state.database).ping()
    caller = Caller(client_id="gateway", organisation="gateway", member=cast("Settings", app.state.settings).member)
    for service in (app.state.registry, app.state.biometrics):
        await cast("ServiceClient", service).request(caller, "GET", "/health/ready")
