"""Power cuts while workers are enrolled: what was acknowledged is kept and found, and nothing is half there.

The real server is killed with all its processes at ten moments that chance chooses, and started again each time. Two
desks go on sending; what was not answered is sent again with the same idempotency key, as a desk would.
"""

import base64
import json
import os
import random
import signal
import socket
import time
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import anyio
import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.encounters.tables import PersonRow
from services.biometrics.face import DLIB_RESNET_V1
from services.biometrics.fingerprint.engine import LeaderMccEngine
from services.biometrics.ownership import Owner
from services.cli.connection import Api, Identity, connect
from services.cli.enrol import encode
from services.registry.workers.store import CHECK_JOB, RegistrationStore
from services.registry.workers.tables import JobRow, RegistrationRow
from services.sandbox.faces import CAST, portray
from services.sandbox.fingers import grow_finger, impress
from shared.contracts.caller import Purpose
from shared.contracts.registrations import Progress
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.settings import SERVICES, Settings
from tests.conftest import ROOT
from tests.deploy.forking import Starter
from tests.deploy.processes import READY_S, run_once

KILLS: Final = 10
WORKERS: Final = 10
REQUESTS_A_WORKER: Final = 5  # with the last look at each, below the ten candidates that a search answers
SEED: Final = 7
DESK: Final = Identity("desk", Purpose.WORKER_REGISTRATION)
MODELS: Final = frozenset({DLIB_RESNET_V1.model_id, LeaderMccEngine.model_id})

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

Body = dict[str, Any]


@dataclass(frozen=True)
class Worker:
    """Who comes, as they come, and how they come back: photographed and printed anew, under another name."""

    first: Body
    later: Body


@pytest.fixture(scope="module")
def workers() -> list[Worker]:
    return [make_worker(number) for number in range(WORKERS)]


def make_worker(number: int) -> Worker:
    finger = grow_finger(number)

    def capture(shot: int) -> Body:
        pixels = Image.fromarray(impress(finger, shot))
        fingers = [{"position": "right-index", "image": encode(file_of(pixels)), "dpi": 500}]
        return {"photo": encode(file_of(Image.fromarray(portray(CAST[number], shot)))), "fingers": fingers}

    letter = chr(ord("A") + number)
    first = {"name": f"WORKER {letter * 5}", "born": f"19{70 + number}-03-04", **capture(1)}
    return Worker(first, {"name": f"SOMEBODY ELSE {letter * 9}", "born": "1969-12-31", **capture(2)})


def file_of(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


class Server:
    """`lindung serve` that can be cut off and started again."""

    def __init__(self, settings: Settings, port: int, log: Path) -> None:
        self.settings = settings
        self.environment = environment_of(settings)
        self.log = log
        self._starter = Starter(ROOT, ["serve", "--port", str(port)], self.environment, log)
        self._group: int | None = None

    async def start(self) -> None:
        """Return when it says that it is ready; asked again and again, for it cannot call us."""
        self._group = await anyio.to_thread.run_sync(self._starter.start)
        async with httpx.AsyncClient(base_url=self.settings.public_url, trust_env=False) as client:
            with anyio.fail_after(READY_S):
                while not await answers(client):  # noqa: ASYNC110  another process can set no event here
                    await anyio.sleep(0.05)

    async def cut(self) -> None:
        """SIGKILL to all its processes; return when they are gone."""
        assert await self._end(signal.SIGKILL) == -signal.SIGKILL

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    def close(self) -> None:
        if self._group is not None:
            os.killpg(self._group, signal.SIGKILL)
        self._starter.close()

    async def _end(self, with_signal: signal.Signals) -> int:
        assert self._group is not None
        os.killpg(self._group, with_signal)
        self._group = None
        return await anyio.to_thread.run_sync(self._starter.reap)


async def answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).is_success
    except httpx.TransportError:
        return False


def environment_of(settings: Settings) -> dict[str, str]:
    given = {"LINDUNG_VAR": str(settings.var), "LINDUNG_PUBLIC_URL": settings.public_url}
    urls = {name: getattr(settings, f"{name}_database_url") for name in SERVICES}
    return given | {f"LINDUNG_{name.upper()}_DATABASE_URL": url for name, url in urls.items() if url}


@pytest.fixture
def server(deployment: Settings, tmp_path: Path) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = deployment.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    server = Server(settings, port, tmp_path / "server.log")
    try:
        yield server
    finally:
        server.close()
        print(server.log.read_text()[-3000:])  # noqa: T201  shown beside a failure; it holds no personal data


@dataclass
class Desks:
    """Two desks that share a pile of registrations to send, and what they were told."""

    bodies: list[Body]
    pile: deque[int]
    sent: set[int] = field(default_factory=set)
    acknowledged: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    answered: Counter[int] = field(default_factory=Counter)
    torn: int = 0

    async def send_all(self, api: Api) -> None:
        """Send until the pile is empty or the server is gone; what was not answered goes back on top."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._send, api)
            group.start_soon(self._send, api)

    async def _send(self, api: Api) -> None:
        while self.pile:
            number = self.pile.popleft()
            try:
                await self._register(api, number)
            except httpx.TransportError:
                self.torn += 1
                self.pile.appendleft(number)
                return

    async def _register(self, api: Api, number: int) -> None:
        """Every second request waits for the checks; the others are done when they are acknowledged."""
        self.sent.add(number)
        headers = {"Idempotency-Key": f"key-{number}", "Prefer": "wait=50" if number % 2 else "wait=0"}
        body = self.bodies[number % len(self.bodies)]
        answer = await api.ask(DESK, "POST", "/v1/registrations", json=body, headers=headers)
        self.answered[answer.status_code] += 1
        self.acknowledged[number].add(answer.json()["registration"])

    @property
    def unanswered(self) -> list[int]:
        return sorted(self.sent - set(self.acknowledged))


async def within(seconds: float, work: Callable[[], Awaitable[None]], then: Callable[[], Awaitable[None]]) -> None:
    """Do `then` at that moment of the work, or at its end when it ends before."""
    ended = anyio.Event()

    async def do() -> None:
        await work()
        ended.set()

    async with anyio.create_task_group() as group:
        group.start_soon(do)
        with anyio.move_on_after(seconds):  # no state is waited for: the moment is what chance chose
            await ended.wait()
        await then()


async def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(server: Server, workers: list[Worker]) -> None:
    desks = Desks([worker.first for worker in workers], deque(range(WORKERS * REQUESTS_A_WORKER)))
    await storm(server, desks)
    assert desks.torn >= KILLS  # the kills struck desks at work
    assert len(desks.acknowledged) >= KILLS / 2  # and there was something to lose
    desks.pile = deque(desks.unanswered)
    async with connect(server.settings, server.settings.public_url) as api:
        await desks.send_all(api)
        assert not desks.unanswered
        assert all(len(ids) == 1 for ids in desks.acknowledged.values())  # one key, one registration
        kept = {number: next(iter(ids)) for number, ids in desks.acknowledged.items()}
        for registration in kept.values():
            assert (await read_checked(api, registration))["missing"] == []
        again = await come_back(api, workers, kept)
    await server.stop()
    print("answers", dict(desks.answered), "torn", desks.torn, "registrations", len(kept))  # noqa: T201  as above
    registrations = {kept[number]: desks.bodies[number % WORKERS] for number in kept}
    registrations |= {registration: worker.later for registration, worker in zip(again, workers, strict=True)}
    await examine_registry(server.settings, registrations)
    await examine_biometrics(server.settings, registrations)
    said = await anyio.to_thread.run_sync(run_once, ROOT, ["audit", "verify", "--json"], server.environment)
    assert json.loads(said)["ok"] is True
    assert json.loads(said)["entries"] >= len(registrations)


async def storm(server: Server, desks: Desks) -> None:
    """Ten kills. A moment is drawn from the time that three enrolments take on this machine, measured first."""
    chance, rest = random.Random(SEED), desks.pile  # noqa: S311  moments that can be drawn again
    await server.start()
    desks.pile = deque([rest.popleft(), rest.popleft()])
    async with connect(server.settings, server.settings.public_url) as api:
        began = time.perf_counter()
        await desks.send_all(api)
        span = 3 * (time.perf_counter() - began)
    desks.pile = rest
    for _ in range(KILLS):
        async with connect(server.settings, server.settings.public_url) as api:
            await within(chance.uniform(0, span), partial(desks.send_all, api), server.cut)
        await server.start()


async def come_back(api: Api, workers: list[Worker], kept: dict[int, str]) -> list[str]:
    """Each worker once more, as another: every registration of theirs must be among the candidates."""
    ids: dict[int, str] = {}

    async def come(worker: int) -> None:
        headers = {"Idempotency-Key": f"again-{worker}", "Prefer": "wait=50"}
        answer = await api.ask(DESK, "POST", "/v1/registrations", json=workers[worker].later, headers=headers)
        ids[worker] = answer.json()["registration"]
        found = {each["registration"] for each in (await read_checked(api, ids[worker]))["candidates"]}
        assert {each for number, each in kept.items() if number % WORKERS == worker} <= found

    for first in range(0, WORKERS, 2):
        async with anyio.create_task_group() as group:
            group.start_soon(come, first)
            group.start_soon(come, first + 1)
    return [ids[worker] for worker in range(WORKERS)]


async def read_checked(api: Api, registration: str) -> dict[str, Any]:
    path = f"/v1/registrations/{registration}"
    answer: dict[str, Any] = (await api.ask(DESK, "GET", path, headers={"Prefer": "wait=50"})).json()
    assert answer["progress"] == Progress.CHECKED
    return answer


async def examine_registry(settings: Settings, registrations: dict[str, Body]) -> None:
    """As many rows as were acknowledged, every part of each opens, and all promised work is done."""
    database, keys = Database(settings.database_url("registry")), settings.key_folder
    digest_key = base64.b64decode((keys / "registry-digest.key").read_text())
    store = RegistrationStore(database, KeyRing.load(keys / "registry-sealing.json"), digest_key)
    try:
        async with database.read() as session:
            rows = (await session.scalars(select(RegistrationRow))).all()
            jobs = (await session.scalars(select(JobRow))).all()
        assert sorted(row.id for row in rows) == sorted(registrations)
        checks = [(job.subject, job.state) for job in jobs if job.kind == CHECK_JOB]
        assert sorted(checks) == sorted((each, "DONE") for each in registrations)
        assert {job.state for job in jobs if job.subject in registrations} == {"DONE"}
        for row in rows:
            _, request = await store.packet(row.id)
            assert (request.name, encode(request.photo or b"")) == (
                registrations[row.id]["name"],
                registrations[row.id]["photo"],
            )
        records = await store.by_persons([row.person_id for row in rows])
        assert {record.progress for record in records.values()} == {Progress.CHECKED}
        assert sorted(record.id for record in records.values()) == sorted(registrations)
    finally:
        await database.close()


async def examine_biometrics(settings: Settings, registrations: dict[str, Body]) -> None:
    """Exactly the registry's persons, each with their key, one encounter, both images as sent and both templates."""
    registry, biometrics = (Database(settings.database_url(name)) for name in ("registry", "biometrics"))
    reader = EncounterReader(biometrics, KeyRing.load(settings.key_folder / "biometrics-sealing.json"), MODELS)
    try:
        async with registry.read() as session:
            known = {row.person_id: row.id for row in (await session.scalars(select(RegistrationRow))).all()}
        async with biometrics.read() as session:
            persons = (await session.scalars(select(PersonRow.person_id))).all()
        assert sorted(persons) == sorted(known)
        for person_id, registration in known.items():
            (encounter,) = await reader.read_all(person_id, Owner(settings.member, "registry"))
            sent = registrations[registration]
            assert [encode(item.image or b"") for item in encounter.biometricData] == [
                sent["photo"],
                sent["fingers"][0]["image"],
            ]
            (searched,) = await reader.probe(person_id, Owner(settings.member, "registry"))
            assert (len(searched.items), set(searched.galleries)) == (2, {"workers"})
        assert await reader.left_out() == 0
    finally:
        await registry.close()
        await biometrics.close()
