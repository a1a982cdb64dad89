"""What the registry owes to offices of other members, on its way: sealed, signed, again until it is taken.

The registry keeps what is owed; nothing is lost when this process is. How long a member is left alone after it did not
answer is known here only: a restart asks once too often.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import structlog
from pydantic import ValidationError

from services.gateway.corrections.clocks import Clocks, load_clocks
from services.gateway.federation.membership import NotAMemberError
from services.gateway.federation.peers import MemberSilentError
from services.gateway.federation.room import Federation
from services.gateway.probes.seals import NoSealingKeyError, seal_to
from shared.contracts.caller import Caller, Purpose
from shared.contracts.crossing import (
    OwedReferral,
    OwedReferrals,
    ReferralReceipt,
    ReferralResult,
    ReferralResults,
    SealedReferral,
)
from shared.db.database import now
from shared.http.background import run_alongside
from shared.http.client import ServiceClient, ServiceUnavailableError

CHECK_S: Final = 5.0
"""How often the registry is asked for what is owed."""
FINAL: Final = frozenset({409, 422})
"""Answers of a member that will be the same the next time."""
_JSON: Final = {"content-type": "application/json"}

log = structlog.get_logger(__name__)


class ReferralSender:
    """Takes what is owed to other members.

    Args:
        registry: the way to it.
        federation: this node's part.
        clocks: how long a silent member is left alone.
        clock: the present instant.
    """

    def __init__(
        self, registry: ServiceClient, federation: Federation, clocks: Clocks, clock: Callable[[], datetime] = now
    ) -> None:
        self._registry, self._federation, self._clocks, self._clock = registry, federation, clocks, clock
        self._own = federation.membership.own
        self._resting: dict[str, tuple[int, datetime]] = {}

    async def send_owed(self) -> int:
        """Send all whose turn it is; how many were taken.

        Raises:
            ServiceUnavailableError, ValidationError: the registry does not answer as it should.
        """
        answer = await self._registry.request(self._keeper, "GET", "/v1/region/referrals")
        by_member: dict[str, list[OwedReferral]] = {}
        for each in OwedReferrals.model_validate_json(answer.content).items:
            by_member.setdefault(each.member, []).append(each)
        sent = await asyncio.gather(*(self._send_all(member, owed) for member, owed in by_member.items()))
        results = [each for some in sent for each in some]
        if results:
            body = ReferralResults(items=results).model_dump_json()
            await self._registry.request(
                self._keeper, "POST", "/v1/region/referrals/results", content=body, headers=_JSON
            )
        return sum(each.reason is None for each in results)

    async def _send_all(self, member: str, owed: list[OwedReferral]) -> list[ReferralResult]:
        """One after the other; none more once the member is silent."""
        tries, until = self._resting.get(member, (0, self._clock()))
        results: list[ReferralResult] = []
        for each in owed if until <= self._clock() else ():
            try:
                results.append(await self._send(each))
            except MemberSilentError as error:
                self._resting[member] = tries + 1, self._clock() + self._clocks.retry(tries + 1)
                return [*results, _result(each, error.reason)]
            self._resting.pop(member, None)
        return results

    async def _send(self, owed: OwedReferral) -> ReferralResult:
        membership = self._federation.membership
        caller = Caller(
            client_id="referrals",
            organisation="gateway",
            member=self._own,
            purpose=owed.purpose,
            case_reference=owed.case_reference,
        )
        try:
            entry = membership.member(owed.member)
            if owed.offer is not None:
                membership.may_ask(self._own, owed.member, owed.purpose)
            content = (owed.offer or owed.told).model_dump_json().encode()  # type: ignore[union-attr]  # one of the two
            seal = seal_to(entry, self._own, seal_subject(owed.id, owed.number), content)
        except NotAMemberError as error:
            return _result(owed, error.reason)
        except NoSealingKeyError:
            return _result(owed, "no-sealing-key")
        sealed = SealedReferral.model_construct(id=owed.id, number=owed.number, sealed=seal)
        path = f"/federation/v1/{'referrals' if owed.offer else 'referral-states'}?id={owed.id}"
        body = sealed.model_dump_json().encode()
        answer = await self._federation.peers.ask(entry, "POST", path, caller, body, self._federation.seconds)
        if answer.status != 200:
            return _result(owed, "refused", final=answer.status in FINAL)
        return _result(owed, None if _is_receipt(answer.body, owed) else "error")

    @property
    def _keeper(self) -> Caller:
        purpose = Purpose.REGISTER_MAINTENANCE
        return Caller(client_id="gateway", organisation="gateway", member=self._own, purpose=purpose)


def seal_subject(referral: str, number: int) -> str:
    """What a sealed message about a referral is bound to."""
    return f"referral/{referral}/{number}"


@asynccontextmanager
async def open_referrals(registry: ServiceClient, federation: Federation | None) -> AsyncIterator[None]:
    """Send while the block runs."""
    if federation is None:
        yield
        return
    async with run_alongside(_run(ReferralSender(registry, federation, load_clocks()))):
        yield


async def _run(sender: ReferralSender) -> None:
    while True:
        await asyncio.sleep(CHECK_S)
        try:
            await sender.send_owed()
        except ServiceUnavailableError:
            log.warning("referrals_wait")
        except Exception as error:  # noqa: BLE001  whatever it was, what is owed stays owed and is tried again
            log.error("referrals_failed", error=type(error).__name__)


def _is_receipt(body: bytes, owed: OwedReferral) -> bool:
    try:
        receipt = ReferralReceipt.model_validate_json(body)
    except ValidationError:
        return False
    return (receipt.id, receipt.number) == (owed.id, owed.number)


def _result(owed: OwedReferral, reason: str | None, *, final: bool = False) -> ReferralResult:
    return ReferralResult(id=owed.id, number=owed.number, reason=reason[:20] if reason else None, final=final)
