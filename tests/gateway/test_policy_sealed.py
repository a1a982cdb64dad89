"""Sealed is absent, seen through the gateway: the same status, fields and octets, the same work, the same waiting.

Work is the CPU time of gateway and registry together, in one process: other load of the machine does not count in it.
What is waited for is the disk, at each entry of the log: as many for one as for the other.
"""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from statistics import median

import httpx
import numpy as np
import pytest
from sqlalchemy import select

from services.gateway.access.clients import Client, Clients
from services.gateway.access.tokens import ASSERTION_TYPE, write_assertion
from services.gateway.app import create_app
from services.gateway.audit.nodes import log_size
from services.gateway.tables import AuditRow
from shared.contracts.caller import Purpose, Role
from shared.contracts.registrations import SignalCode
from shared.crypto.keyfiles import new_signing_key, public_jwk
from shared.settings import Settings
from tests.conftest import MakeDeployment
from tests.registry.hall import SUPPORT, Hall, a_signal, child_possible, likeness, open_hall, protector

pytestmark = pytest.mark.anyio

PAIRS = 80
NOBODY = f"R{'0' * 24}"
_VARIES = {"x-request-id", "ratelimit", "dpop-nonce"}
PURPOSES = {
    Role.DESK_OFFICER: Purpose.WORKER_REGISTRATION,
    Role.ADJUDICATOR: Purpose.ADJUDICATION,
    Role.LABOUR_INSPECTOR: Purpose.LABOUR_INSPECTION,
    Role.VICTIM_SUPPORT: Purpose.VICTIM_SUPPORT,
}


@dataclass
class Door:
    """The gateway as clients reach it, and the hall behind it."""

    http: httpx.AsyncClient
    hall: Hall
    tokens: dict[Role, str]

    async def get(self, role: Role, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[role]}", "Lindung-Purpose": PURPOSES[role]}
        return await self.http.get(path, headers=headers)

    async def entries(self, role: Role, path: str) -> list[str]:
        """What the log says of a request."""
        database = self.http._transport.app.state.database  # type: ignore[attr-defined]
        async with database.read() as session:
            before = await log_size(session)
        await self.get(role, path)
        query = select(AuditRow.outcome).where(AuditRow.number > before).order_by(AuditRow.number)
        async with database.read() as session:
            return list((await session.scalars(query)).all())


@pytest.fixture(scope="module")
async def door(make_deployment: MakeDeployment) -> AsyncIterator[Door]:
    settings: Settings = make_deployment("sqlite")
    async with open_hall(settings) as hall:
        app = create_app(settings, hall.client._transport)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=settings.public_url, timeout=60) as http:
                opened = Door(http, hall, {})
                for role in PURPOSES:
                    private = new_signing_key()
                    client = Client(role, role, "IDN", role, public_jwk(private, role), bound=False)
                    await Clients(app.state.database).register(client)
                    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
                    form["client_assertion"] = write_assertion(role, private, settings.public_url)
                    opened.tokens[role] = (await http.post("/oauth/token", data=form)).json()["access_token"]
                yield opened


@dataclass(frozen=True)
class Twins:
    """Two addresses that must look alike to somebody."""

    role: Role
    sealed: str
    absent: str
    status: int


async def twins(hall: Hall, name: str) -> Twins:
    """Something sealed, and something that is not there (or a registration with nothing found)."""
    registrations = "/v1/registrations/{}"
    if name == "victim seen by a desk":
        first = await hall.checked()
        found = (a_signal(SignalCode.MRZ_CHECK_DIGIT),)
        victim = await hall.checked(*found, candidates=(likeness(first, "name"),))
        clean = await hall.checked()
        body = {"status": "PRESUMED", "reason": "She told us."}
        await hall.told(SUPPORT, "PUT", f"/v1/registrations/{victim}/victim-status", body)
        return Twins(Role.DESK_OFFICER, registrations.format(victim), registrations.format(clean), 200)
    child = await hall.checked(child_possible())
    if name == "child's registration":
        return Twins(Role.ADJUDICATOR, registrations.format(child), registrations.format(NOBODY), 404)
    if name == "child's registration and labour":
        return Twins(Role.LABOUR_INSPECTOR, registrations.format(child), registrations.format(NOBODY), 404)
    if name == "child's case":
        case = await hall.case_of(protector(1), child)
        assert case is not None
        return Twins(Role.ADJUDICATOR, f"/v1/adjudications/{case}", f"/v1/adjudications/A{'0' * 24}", 404)
    if name == "child's links":
        return Twins(
            Role.ADJUDICATOR, f"{registrations.format(child)}/links", f"{registrations.format(NOBODY)}/links", 404
        )
    address = registrations + "/victim-status"
    return Twins(Role.VICTIM_SUPPORT, address.format(child), address.format(NOBODY), 404)


EVERY = (
    "child's registration",
    "child's registration and labour",
    "child's case",
    "child's links",
    "child's protection as a victim",
    "victim seen by a desk",
)


@pytest.mark.parametrize("name", EVERY)
async def test_sealed_and_absent_are_one(door: Door, name: str) -> None:
    pair = await twins(door.hall, name)
    sealed, absent = await door.get(pair.role, pair.sealed), await door.get(pair.role, pair.absent)
    assert sealed.status_code == absent.status_code == pair.status, sealed.text
    assert _content(sealed) == _content(absent)
    assert len(sealed.content) == len(absent.content)
    assert _headers(sealed) == _headers(absent)

    entries = [await door.entries(pair.role, path) for path in (pair.sealed, pair.absent)]
    assert entries[0] == entries[1]
    times = await _times(lambda path: door.get(pair.role, path), pair.sealed, pair.absent)
    chance, share = told_apart(*times)
    assert chance > 0.001 or abs(share) < 0.05, (chance, share)


async def test_what_is_slower_would_be_noticed(door: Door) -> None:
    """This test would see a fifth of a request's work."""
    child = await door.hall.checked(child_possible())
    here, there = await _times(lambda path: door.get(Role.DESK_OFFICER, path), *[f"/v1/registrations/{child}"] * 2)
    slower = [each + 0.2 * median(here) for each in here]
    assert told_apart(slower, there)[0] < 0.01


def _content(answer: httpx.Response) -> dict[str, object]:
    """What is said, but for which record it is and when it came."""
    document = dict(answer.json())
    for own in ("registration", "created_at", "checked_at"):
        if own in document:
            document[own] = len(str(document[own]))
    return document


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in _VARIES}


async def _times(
    ask: Callable[[str], Awaitable[httpx.Response]], first: str, second: str
) -> tuple[list[float], list[float]]:
    """CPU seconds of paired requests; which of a pair comes first is chance's."""
    chance, taken = random.Random(7), {0: list[float](), 1: list[float]()}  # noqa: S311  an order, no secret
    for _ in range(PAIRS):
        for which in chance.sample((0, 1), 2):
            began = time.process_time()
            await ask((first, second)[which])
            taken[which].append(time.process_time() - began)
    return taken[0], taken[1]


def told_apart(first: list[float], second: list[float]) -> tuple[float, float]:
    """Are the first of pairs slower or faster than the second?

    Returns:
        How often chance alone gives so great a median difference (a permutation test over the signs of the pairs,
        10,000 draws), and the difference as a share of a request.
    """
    difference = np.array(first) - np.array(second)
    signs = np.random.default_rng(7).choice((-1, 1), (10_000, len(difference)))
    by_chance = np.abs(np.median(difference * signs, axis=1))
    seen = float(np.median(difference))
    return float((np.sum(by_chance >= abs(seen)) + 1) / 10_001), seen / median(second)
