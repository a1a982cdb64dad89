"""Round after round, every other member is asked for its head: is it there, how far is its clock, does its log fit?"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from pydantic import ValidationError

from services.gateway.federation.membership import NotAMemberError
from services.gateway.federation.peers import MemberSilentError
from services.gateway.federation.room import Federation
from services.gateway.witness.heads import Proof, Witness
from shared.contracts.audit import Consistency
from shared.contracts.caller import Caller, Purpose
from shared.contracts.membership import MemberEntry
from shared.contracts.witness import HeadExchange
from shared.db.database import now
from shared.http.background import run_alongside

EVERY_S: Final = 60.0
_FORGET_ROUNDS: Final = 1440

log = structlog.get_logger(__name__)


@dataclass
class Seen:
    """How a member was at the last try."""

    tried_at: datetime | None = None
    answered_at: datetime | None = None
    reason: str | None = None
    ms: float | None = None
    skew_s: float | None = None
    versions: list[int] = field(default_factory=list)
    directory: int | None = None


class Rounds:
    """Asks every member, and remembers how they are.

    Args:
        federation: who they are, and the way to them.
        witness: of their logs.
    """

    def __init__(self, federation: Federation, witness: Witness) -> None:
        self._federation, self._witness = federation, witness
        self._caller = Caller(
            client_id="witness", organisation="gateway", member=federation.membership.own, purpose=Purpose.AUDIT
        )
        self.seen: dict[str, Seen] = {}

    async def go_round(self) -> None:
        """Ask all that are active, at once."""
        active = [entry for entry in self._federation.membership.others() if entry.active]
        await asyncio.gather(*(self._look_at(entry) for entry in active))

    async def _look_at(self, entry: MemberEntry) -> None:
        seen = self.seen.setdefault(entry.member, Seen())
        seen.tried_at, began = now(), time.perf_counter()
        try:
            told = await self._ask(entry)
            taken = time.perf_counter() - began
            seen.answered_at, seen.reason, seen.ms = now(), None, round(1000 * taken, 1)
            seen.skew_s = round((told.at - seen.answered_at).total_seconds() + taken / 2, 3)
            seen.versions, seen.directory = told.versions, told.directory
            await self._witness_all(entry, told)
        except (MemberSilentError, NotAMemberError) as error:
            seen.reason = error.reason
        except ValidationError:
            seen.reason = "error"

    async def _witness_all(self, entry: MemberEntry, told: HeadExchange) -> None:
        await self._witness.see(entry, told.head, partial(self._prove, entry))
        for head in told.witnessed:
            try:
                other = self._federation.membership.member(head.member)
            except NotAMemberError:
                continue
            if other.member not in (entry.member, self._federation.membership.own):
                await self._witness.see(other, head, partial(self._prove, other))

    async def _ask(self, entry: MemberEntry) -> HeadExchange:
        peers, seconds = self._federation.peers, self._federation.seconds
        answer = await peers.ask(entry, "GET", "/federation/v1/head", self._caller, b"", seconds)
        if answer.status != 200:
            raise MemberSilentError("refused")
        return HeadExchange.model_validate_json(answer.body)

    async def _prove(self, entry: MemberEntry, first: int, second: int) -> Proof:
        path = f"/federation/v1/consistency?first={first}&second={second}"
        answer = await self._federation.peers.ask(entry, "GET", path, self._caller, b"", self._federation.seconds)
        if answer.status == 422:
            return None
        if answer.status != 200:
            raise MemberSilentError("refused")
        return list(Consistency.model_validate_json(answer.body).path)


@asynccontextmanager
async def open_rounds(rounds: Rounds | None, witness: Witness) -> AsyncIterator[None]:
    """Go round while the block runs; not at all where this node has joined no federation."""
    if rounds is None:
        yield
        return
    async with run_alongside(_run(rounds, witness)):
        yield


async def _run(rounds: Rounds, witness: Witness) -> None:
    count = 0
    while True:
        try:
            await rounds.go_round()
            if count % _FORGET_ROUNDS == 0:
                await witness.forget()
        except Exception as error:  # noqa: BLE001  the next round looks again
            log.error("witness_round_failed", error=type(error).__name__)
        count += 1
        await asyncio.sleep(EVERY_S)
