"""After a registration: the other members are asked about the person, and the register hears what they answered.

Nobody at a desk waits for it. The templates of whoever was enrolled go out, sealed to each member, and the document's
number after them, so that a member can say whether it is the same person's. What is due, and when a silent member is
asked again, the register knows: when this is killed, it is asked again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
import structlog

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.log import AuditLog
from services.gateway.audit.shown import REGISTRATION
from services.gateway.federation.room import Federation
from services.gateway.probes.members import ask_member
from shared.contracts.caller import Caller, Purpose
from shared.contracts.membership import MemberEntry
from shared.contracts.region import Asked, Inquiries, Inquiry, InquiryAnswer, RegionState
from shared.http.background import run_alongside
from shared.http.client import ServiceClient, ServiceUnavailableError

CHECK_S: Final = 2.0
"""How often the register is asked what is due, when there was nothing."""

_SCOPES: Final = frozenset({"abis.identify"})
_JSON: Final = {"content-type": "application/json"}

log = structlog.get_logger(__name__)


class Inquirer:
    """Asks the other members about registrations.

    Args:
        federation: who they are, and the way to them.
        registry, biometrics: this member's.
        audit: where it is written down that a person's templates went out.
    """

    def __init__(
        self, federation: Federation, registry: ServiceClient, biometrics: ServiceClient, audit: AuditLog
    ) -> None:
        self._federation, self._registry, self._biometrics, self._audit = federation, registry, biometrics, audit
        self._caller = Caller(
            client_id="registration",
            organisation="gateway",
            member=federation.membership.own,
            purpose=Purpose.WORKER_REGISTRATION,
        )

    async def ask_due(self) -> int:
        """Ask about the registrations whose turn it is; how many there were.

        Raises:
            ServiceUnavailableError: register or biometric service do not answer; what was not answered stays due.
        """
        answer = await self._registry.request(self._caller, "GET", "/v1/region/inquiries")
        due = Inquiries.model_validate_json(_good(answer).content).inquiries
        await asyncio.gather(*(self._ask(each) for each in due))
        return len(due)

    async def _ask(self, inquiry: Inquiry) -> None:
        probe = await self._templates(inquiry.person)
        number = inquiry.document.model_dump_json().encode() if inquiry.document else None
        wanted = [each for each in self._federation.membership.others() if each.member not in inquiry.answered]
        if wanted and (probe or number):
            subject = REGISTRATION.format(inquiry.registration).encode()
            await self._audit.append(self._caller, Kind.PROBE.value, Action.IDENTIFY.value, subject)
        asked = await asyncio.gather(*(self._ask_one(entry, probe, number) for entry in wanted))
        body = InquiryAnswer(members=list(asked)).model_dump_json()
        path = f"/v1/region/inquiries/{inquiry.registration}"
        _good(await self._registry.request(self._caller, "POST", path, content=body, headers=_JSON))

    async def _ask_one(self, entry: MemberEntry, probe: bytes | None, number: bytes | None) -> Asked:
        """The person first, then the number: a member that gave no answer to the one is not asked for the other."""
        person = document = None
        if probe:
            person = await ask_member(self._federation, entry, self._caller, "probe", probe)
        if number and (person is None or person.state is RegionState.ANSWERED):
            document = await ask_member(self._federation, entry, self._caller, "document", number)
        return Asked(member=entry.member, biometrics=person, document=document)

    async def _templates(self, person: str) -> bytes | None:
        caller = self._caller.model_copy(update={"scopes": _SCOPES})
        answer = await self._biometrics.request(caller, "GET", f"/v1/probes/{person}")
        return None if answer.status_code == 404 else _good(answer).content


@asynccontextmanager
async def open_inquiries(inquirer: Inquirer | None) -> AsyncIterator[None]:
    """Ask while the block runs; not at all where this node has joined no federation."""
    if inquirer is None:
        yield
        return
    async with run_alongside(_run(inquirer)):
        yield


async def _run(inquirer: Inquirer) -> None:
    while True:
        done = 0
        try:
            done = await inquirer.ask_due()
        except ServiceUnavailableError:
            log.warning("inquiries_wait")
        except Exception as error:  # noqa: BLE001  whatever it was, what was not answered stays due
            log.error("inquiries_failed", error=type(error).__name__)
        if done == 0:
            await asyncio.sleep(CHECK_S)


def _good(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise ServiceUnavailableError(f"answered {answer.status_code}")
    return answer
