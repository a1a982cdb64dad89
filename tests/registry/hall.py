"""The registry with people who decide, and with registrations as checks leave them; no engine and no job runs."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from services.registry.adjudication.opening import Opening
from services.registry.app import create_app
from services.registry.workers.documents import read_document
from services.registry.workers.findings import other_identity
from services.registry.workers.particulars import Particulars
from services.registry.workers.store import Conclusion, RegistrationStore, Submission
from services.registry.workers.views import address
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.registrations import (
    RegistrationCandidate,
    RegistrationRequest,
    Relation,
    Signal,
    SignalCode,
    Strength,
)
from shared.db.database import Database, now
from shared.http.tokens import CallerSigner
from shared.settings import Settings


@dataclass(frozen=True)
class Who:
    """Somebody who asks."""

    name: str
    role: Role
    purpose: Purpose
    member: str = "IDN"


def adjudicator(number: int) -> Who:
    return Who(f"adjudicator-{number}", Role.ADJUDICATOR, Purpose.ADJUDICATION)


def protector(number: int) -> Who:
    return Who(f"protector-{number}", Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION)


DESK = Who("desk", Role.DESK_OFFICER, Purpose.WORKER_REGISTRATION)
SUPPORT = Who("shelter", Role.VICTIM_SUPPORT, Purpose.VICTIM_SUPPORT)
SUPPORT_2 = Who("shelter-2", Role.VICTIM_SUPPORT, Purpose.VICTIM_SUPPORT)
LABOUR = Who("labour", Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION)
BEST = {
    "child_heard": "She wants to stay at the shelter.",
    "guardian": "A guardian of the social service.",
    "safety": "The agency does not know where she is.",
    "assessment": "No return for now.",
    "recommended": "School and a guardian.",
}


def a_signal(code: SignalCode, strength: Strength = Strength.STRONG, **evidence: Any) -> Signal:
    return Signal(code=code, strength=strength, evidence=evidence, rule="r", says="s", does_not_prove="d")


def child_possible(*claims: str) -> Signal:
    return a_signal(SignalCode.CHILD_POSSIBLE, claims=list(claims or ("typed",)))


def document_of(*others: str) -> Signal:
    return a_signal(SignalCode.DOCUMENT_NUMBER_REUSED, registrations=list(others), biometrics_compared=True)


def likeness(other: str, *differences: str, contradiction: bool = False) -> RegistrationCandidate:
    return RegistrationCandidate(
        registration=other,
        score=9.0,
        relation=Relation.OTHER_IDENTITY if differences else Relation.RE_REGISTRATION,
        differences=list(differences),
        scores=[],
        contradiction=[{"face": 6.0, "fingers": -4.0}] if contradiction else [],
    )


@dataclass
class Hall:
    """Asks the registry as anybody, and puts registrations in."""

    client: httpx.AsyncClient
    signer: CallerSigner
    store: RegistrationStore
    database: Database

    async def ask(self, who: Who, method: str, path: str, json: Any = None) -> httpx.Response:
        caller = Caller(
            client_id=who.name, organisation="an office", member=who.member, role=who.role, purpose=who.purpose
        )
        headers = {"Authorization": f"Bearer {self.signer.sign(caller, 'registry')}"}
        return await self.client.request(method, path, headers=headers, json=json)

    async def told(self, who: Who, method: str, path: str, json: Any = None) -> Any:
        answer = await self.ask(who, method, path, json)
        assert answer.is_success, answer.text
        return answer.json()

    async def take_in(self, client: str = "desk", member: str = "IDN", **particulars: Any) -> str:
        """A registration before its checks."""
        request = RegistrationRequest(**{"name": "Siti Aminah", "born": "1996-04-02", **particulars})
        stated = Particulars(
            request.name,
            request.native_name,
            request.born,
            request.sex,
            request.nationality,
            read_document(request, now().date()).identity,
        )
        body = secrets.token_bytes(8)
        return (await self.store.accept(Submission(member, client, body.hex(), body, request, stated))).id

    async def check(
        self, registration: str, *signals: Signal, candidates: tuple[RegistrationCandidate, ...] = ()
    ) -> None:
        """What checks leave behind, weighed."""
        row, _ = await self.store.packet(registration)
        identity = other_identity(list(candidates))
        found = [*signals, *([identity] if identity else [])]
        child = any(signal.code is SignalCode.CHILD_POSSIBLE for signal in found)
        await self.store.conclude(row, Conclusion(address(found), list(candidates), [], child, []))
        await Opening(self.database, self.store).weigh(registration)

    async def checked(
        self, *signals: Signal, candidates: tuple[RegistrationCandidate, ...] = (), **particulars: Any
    ) -> str:
        registration = await self.take_in(**particulars)
        await self.check(registration, *signals, candidates=candidates)
        return registration

    async def pair(self, **particulars: Any) -> tuple[str, str]:
        """A registration, and another whom biometrics hold for the same person under another name."""
        first = await self.checked()
        return first, await self.checked(candidates=(likeness(first, "name"),), **{"name": "Dewi"} | particulars)

    async def case_of(self, who: Who, registration: str) -> str | None:
        """The case in which a reviewer may sit about a registration."""
        items = (await self.told(who, "GET", "/v1/adjudications"))["items"]
        return next((item["case"] for item in items if item["registration"] == registration), None)

    async def claim(self, who: Who, case: str) -> httpx.Response:
        return await self.ask(who, "POST", f"/v1/adjudications/{case}/claim", {})

    async def decide(
        self, who: Who, case: str, finding: str, other: str | None = None, **changes: Any
    ) -> httpx.Response:
        body = {"finding": finding, "other": other, "grounds": ["WORKER_HEARD"], "reason": "As seen."} | changes
        return await self.ask(who, "POST", f"/v1/adjudications/{case}/decision", body)

    async def sit(self, who: Who, case: str, finding: str, other: str | None = None, **changes: Any) -> httpx.Response:
        """Take a case and decide."""
        claimed = await self.claim(who, case)
        assert claimed.is_success, claimed.text
        return await self.decide(who, case, finding, other, **changes)

    async def state(self, registration: str, who: Who = DESK) -> str:
        return (await self.told(who, "GET", f"/v1/registrations/{registration}"))["state"]


@asynccontextmanager
async def open_hall(settings: Settings) -> AsyncIterator[Hall]:
    """The registry's application, its jobs stopped: tests do them by hand."""
    app = create_app(settings)
    signer = CallerSigner("gateway", (settings.key_folder / "gateway-signing.pem").read_bytes())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://registry") as client,
    ):
        await app.state.job_runner.stop()
        yield Hall(client, signer, app.state.registrations, app.state.database)
