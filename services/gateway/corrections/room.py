"""Corrections while the gateway runs: taken from the register, owed, sent, and told when nobody acknowledges them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from pydantic import ValidationError

from services.gateway.corrections.clocks import load_clocks
from services.gateway.corrections.sender import CorrectionSender, NotAcknowledgedError, Tell
from services.gateway.deliveries.ledger import Ledger
from services.gateway.federation.membership import NotAMemberError
from services.gateway.federation.peers import MemberSilentError
from services.gateway.federation.room import Federation
from shared.contracts.caller import Caller, Purpose
from shared.contracts.corrections import CorrectionMessage, CorrectionReceipt, RecordChanges, TakenChanges
from shared.db.database import Database
from shared.http.background import run_alongside
from shared.http.client import ServiceClient, ServiceUnavailableError

CHECK_S: Final = 5.0
"""How often the register is asked for changes."""
_ROUNDS: Final = 720
"""Rounds from one clearing up to the next: an hour."""
_ESCALATE_ROUNDS: Final = 12
"""Rounds from one look for what is overdue to the next: a minute."""

log = structlog.get_logger(__name__)


class RegisterAwayError(Exception):
    """The register does not tell its changes; it is asked again."""


@asynccontextmanager
async def open_corrections(
    database: Database, ledger: Ledger, registry: ServiceClient, member: str, federation: Federation | None
) -> AsyncIterator[None]:
    """Carry corrections while the block runs."""
    sender = CorrectionSender(database, _way(member, federation), load_clocks())
    async with run_alongside(_run(sender, ledger, registry, member)):
        yield


async def take_changes(ledger: Ledger, registry: ServiceClient, member: str) -> int:
    """Take what the register has to tell; how many changes were new.

    Raises:
        RegisterAwayError: it does not answer as it should.
    """
    caller = Caller(client_id="gateway", organisation="gateway", member=member, purpose=Purpose.REGISTER_MAINTENANCE)
    taken = 0
    try:
        while True:
            answer = await registry.request(caller, "GET", "/v1/record-changes")
            told = RecordChanges.model_validate_json(answer.content)
            if not told.numbers:
                return taken
            taken += await ledger.spread(member, told.changes)
            body = TakenChanges(numbers=told.numbers).model_dump_json()
            headers = {"content-type": "application/json"}
            await registry.request(caller, "POST", "/v1/record-changes/taken", content=body, headers=headers)
    except (ServiceUnavailableError, ValidationError) as error:
        raise RegisterAwayError("the register does not tell its changes") from error


async def _run(sender: CorrectionSender, ledger: Ledger, registry: ServiceClient, member: str) -> None:
    round_ = 0
    while True:
        try:
            await take_changes(ledger, registry, member)
            await sender.send_due()
            if round_ % _ESCALATE_ROUNDS == 0:
                await sender.escalate()
            if round_ % _ROUNDS == 0:
                await sender.forget()
        except RegisterAwayError:
            log.warning("corrections_wait")
        except Exception as error:  # noqa: BLE001  whatever it was, what is owed stays owed and is tried again
            log.error("corrections_failed", error=type(error).__name__)
        round_ += 1
        await asyncio.sleep(CHECK_S)


def _way(own: str, federation: Federation | None) -> Tell:
    """How another member is told."""
    caller = Caller(client_id="corrections", organisation="gateway", member=own, purpose=Purpose.REGISTER_MAINTENANCE)

    async def tell(member: str, message: CorrectionMessage) -> CorrectionReceipt:
        if federation is None:
            raise NotAcknowledgedError("this node has joined no federation")
        body = message.model_dump_json().encode()
        try:
            entry = federation.membership.member(member)
            answer = await federation.peers.ask(
                entry, "POST", "/federation/v1/corrections", caller, body, federation.seconds
            )
            if answer.status != 200:
                raise NotAcknowledgedError(f"answered {answer.status}")
            return CorrectionReceipt.model_validate_json(answer.body)
        except (MemberSilentError, NotAMemberError, ValidationError) as error:
            raise NotAcknowledgedError("the member does not take corrections now") from error

    return tell
