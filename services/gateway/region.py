"""What the gateway has to do with other members while it runs, put together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, cast

from fastapi import APIRouter, FastAPI

from services.gateway.audit.log import AuditLog
from services.gateway.corrections.inbound import router as federated_corrections
from services.gateway.corrections.recipients import router as recipients_router
from services.gateway.corrections.room import open_corrections
from services.gateway.corrections.routes import router as corrections_router
from services.gateway.deliveries.ledger import Ledger
from services.gateway.federation.inbound import router as federated_screening
from services.gateway.federation.membership import NotAMemberError
from services.gateway.federation.room import Federation, open_federation
from services.gateway.probes.asking import MemberNotAnsweringError, ProbeRefusedError
from services.gateway.probes.asking import router as probes_router
from services.gateway.probes.content import ContentRequestNotFoundError
from services.gateway.probes.content import router as content_router
from services.gateway.probes.inbound import router as federated_probes
from services.gateway.probes.inquiries import Inquirer, open_inquiries
from services.gateway.probes.seals import SEALING_KEY, Opener
from services.gateway.receiving_member import NoOtherMembersError
from services.gateway.referrals.inbound import router as federated_referrals
from services.gateway.referrals.sender import open_referrals
from services.gateway.witness.heads import Witness
from services.gateway.witness.inbound import router as federated_heads
from services.gateway.witness.round import Rounds, open_rounds
from services.gateway.witness.routes import router as witness_router
from shared.db.database import Database
from shared.http.client import ServiceClient
from shared.http.problems import Answer, ProblemTable
from shared.settings import Settings

ROUTERS: Final[tuple[APIRouter, ...]] = (
    federated_screening,
    federated_corrections,
    federated_probes,
    federated_referrals,
    corrections_router,
    recipients_router,
    probes_router,
    content_router,
    federated_heads,
    witness_router,
)

PROBLEMS: Final[ProblemTable] = {
    ProbeRefusedError: Answer(422, "capture-not-usable", "The images cannot be used"),
    MemberNotAnsweringError: Answer(503, "member-silent", "The member gives no answer"),
    NotAMemberError: Answer(409, "member-not-asked", "The member state cannot be asked"),
    NoOtherMembersError: Answer(409, "no-federation", "There are no other member states here"),
    ContentRequestNotFoundError: Answer(404, "not-found", "There is no such request"),
}


@asynccontextmanager
async def open_region(app: FastAPI) -> AsyncIterator[None]:
    """Take part while the block runs; the database and the way to the register are there already."""
    settings, database = cast("Settings", app.state.settings), cast("Database", app.state.database)
    registry = cast("ServiceClient", app.state.registry)
    app.state.ledger = Ledger(database)
    app.state.opener = Opener(settings.member, settings.key_folder / SEALING_KEY)
    async with AsyncExitStack() as stack:
        federation = await stack.enter_async_context(open_federation(settings, database))
        app.state.federation = federation
        corrections = open_corrections(database, app.state.ledger, registry, settings.member, federation)
        await stack.enter_async_context(corrections)
        await stack.enter_async_context(open_referrals(registry, federation))
        app.state.inquirer = _inquirer(app, federation) if federation else None
        await stack.enter_async_context(open_inquiries(app.state.inquirer))
        app.state.witness = Witness(database)
        app.state.rounds = Rounds(federation, app.state.witness) if federation else None
        await stack.enter_async_context(open_rounds(app.state.rounds, app.state.witness))
        yield


def _inquirer(app: FastAPI, federation: Federation) -> Inquirer:
    registry, biometrics = cast("ServiceClient", app.state.registry), cast("ServiceClient", app.state.biometrics)
    return Inquirer(federation, registry, biometrics, cast("AuditLog", app.state.audit_log))
