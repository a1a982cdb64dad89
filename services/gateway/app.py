"""The gateway's application: wiring only."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import httpx
from fastapi import FastAPI

from services.gateway.access.admission import CaseReferenceInvalidError, PurposeMissingError
from services.gateway.access.clients import Clients
from services.gateway.access.policy import CaseReferenceMissingError, NotAllowedError, load_policy
from services.gateway.access.tokens import AccessTokenError, TokenIssuer
from services.gateway.access.tokens import router as token_router
from services.gateway.audit.heads import HeadSigner
from services.gateway.audit.room import open_audit_log
from services.gateway.federation.fanout import router as screening_router
from services.gateway.federation.inbound import NotInFederationError
from services.gateway.federation.inbound import router as federation_router
from services.gateway.federation.room import open_federation
from services.gateway.front import router as front_router
from services.gateway.log_routes import EntryNotFoundError
from services.gateway.log_routes import router as audit_router
from services.gateway.passage import describe, door_router
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
    PurposeMissingError: Answer(400, "purpose-missing", "Every request needs a purpose"),
    CaseReferenceMissingError: Answer(400, "case-missing", "This purpose needs a case reference"),
    CaseReferenceInvalidError: Answer(400, "case-invalid", "The case reference cannot be read"),
    EntryNotFoundError: Answer(404, "not-found", "The log has no such entry"),
    ProofError: Answer(422, "no-proof", "There is no such proof"),
    NotAllowedError: Answer(403, "not-allowed", "The policy does not allow this"),
    NotInFederationError: Answer(404, "not-found", "There is no such thing here"),
    ServiceUnavailableError: Answer(503, "service-away", "A service behind the gateway does not answer"),
}


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
        digest_key = base64.b64decode((keys / "gateway-digest.key").read_text())
        app.state.head_signer = HeadSigner(database, private)
        public = load_trusted(keys / "trusted.jwks")["gateway"]
        app.state.token_issuer = TokenIssuer(Clients(database), private, public, settings.public_url)
        registry = ServiceClient("registry", signer, settings.registry_url or "http://registry", registry_transport)
        biometrics = ServiceClient(
            "biometrics", signer, settings.biometrics_url or "http://biometrics", biometrics_transport
        )
        app.state.registry, app.state.biometrics = registry, biometrics
        try:
            audit = open_audit_log(database, digest_key, app.state.head_signer, app.state.metrics.registry)
            joined = open_federation(settings, database)
            async with audit as app.state.audit_log, joined as app.state.federation:
                yield
        finally:
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
    for router in (front_router, token_router, screening_router, federation_router, audit_router, door_router()):
        app.include_router(router)
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
