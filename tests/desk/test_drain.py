"""Five hundred workers without a network, then all of them sent: desk and gateway are killed in between, nothing is
lost and nothing comes twice.

The gateway is `lindung serve`; the desk's queue runs in processes of its own, forked here, that know no mercy either.
"""

import asyncio
import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

import anyio
import httpx
import pytest

from services.cli.connection import connect
from services.desk.lock import set_pin
from services.desk.queue.packing import new_reference
from services.desk.station import DeskSettings, Station
from shared.contracts.packets import PACKET_TYPE
from shared.contracts.registrations import RegistrationRequest
from shared.settings import Settings
from tests.conftest import ROOT, MakeDeployment
from tests.deploy.forking import Starter
from tests.deploy.processes import READY_S
from tests.desk.conftest import PIN
from tests.desk.test_packet_door import DESK

PACKETS: Final = 500
SEED: Final = 11
DESK_KILLS: Final = 3
GATEWAY_KILLS: Final = 2

pytestmark = pytest.mark.timeout(400)


@dataclass
class Server:
    """`lindung serve`, which can be killed and started again."""

    settings: Settings
    starter: Starter
    group: int | None = None

    def start(self) -> None:
        self.group = self.starter.start()
        end = time.monotonic() + READY_S
        while not self._answers():
            assert time.monotonic() < end
            time.sleep(0.05)  # another process can set no event here

    def kill(self) -> None:
        assert self.group is not None
        os.killpg(self.group, signal.SIGKILL)
        self.group = None
        assert self.starter.reap() == -signal.SIGKILL

    def close(self) -> None:
        if self.group is not None:
            with suppress(ProcessLookupError):  # it ended by itself: its log says why
                os.killpg(self.group, signal.SIGKILL)
        self.starter.close()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.settings.public_url}/health/ready", trust_env=False).is_success
        except httpx.TransportError:
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(make_deployment: MakeDeployment, tmp_path: Path) -> Iterator[Server]:
    port = free_port()
    settings = make_deployment("sqlite").model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    environment = {"LINDUNG_VAR": str(settings.var), "LINDUNG_PUBLIC_URL": settings.public_url}
    log = tmp_path / "server.log"
    words = ["serve", "--port", str(port)]
    server = Server(settings, Starter(ROOT, words, environment | {"LINDUNG_CAP_FACTOR": "1000"}, log))
    try:
        yield server
    finally:
        server.close()
        print(log.read_text()[-3000:])  # noqa: T201  shown beside a failure; it holds no personal data


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> DeskSettings:
    folder = tmp_path / "desk"
    set_pin(folder, PIN)
    key_file = server.settings.key_folder / "clients" / "desk.pem"
    return DeskSettings(folder=folder, gateway=server.settings.public_url, key_file=key_file, keep_free=0)


def forked(work: Callable[[], None]) -> int:
    """A process that does the work; its id."""
    process = os.fork()
    if process == 0:
        _end(work)
    return process


def _end(work: Callable[[], None]) -> NoReturn:
    try:
        work()
    finally:
        os._exit(0)


def kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def pack(desk: DeskSettings, first: int, told: int) -> None:
    """Pack workers from the first on; write each reference down when its packet is kept."""

    async def work() -> None:
        station = Station(desk)
        for number in range(first, PACKETS):
            reference = new_reference()
            body = {"reference": reference, "name": f"WORKER {number}", "born": f"19{70 + number % 30}-03-04"}
            await station.packer.pack(RegistrationRequest.model_validate(body), [])
            os.write(told, f"{reference}\n".encode())

    asyncio.run(work())


def pack_all(desk: DeskSettings, chance: random.Random) -> set[str]:
    """The references that a worker was given a receipt with, though the desk was killed again and again."""
    references: list[str] = []
    stops = sorted(chance.sample(range(20, PACKETS - 20), DESK_KILLS))
    while len(references) < PACKETS:
        read, write = os.pipe()
        process = forked(lambda first=len(references), told=write: pack(desk, first, told))
        os.close(write)
        with os.fdopen(read) as lines:
            for line in lines:
                references.append(line.strip())
                if stops and len(references) == stops[0]:
                    stops.pop(0)
                    break
        kill(process)
    return set(references)


def drain(desk: DeskSettings) -> None:
    async def work() -> None:
        station = Station(desk)
        while True:
            await station.sender.drain()
            await asyncio.sleep(0.1)  # the program itself waits longer

    asyncio.run(work())


def drain_all(desk: DeskSettings, server: Server, waiting: int) -> None:
    """Send everything, while now the desk and now the gateway is killed."""
    step = waiting // (DESK_KILLS + GATEWAY_KILLS + 1)
    marks = [(waiting - step * n, n % 2 == 0) for n in range(1, DESK_KILLS + GATEWAY_KILLS + 1)]
    process, queue, end = forked(lambda: drain(desk)), desk.folder / "queue", time.monotonic() + 300
    while left := len(list(queue.iterdir())):
        assert time.monotonic() < end, f"{left} of {waiting} are still there"
        if marks and left <= marks[0][0]:
            _, of_gateway = marks.pop(0)
            if of_gateway:
                server.kill()
                server.start()
            else:
                kill(process)
                process = forked(lambda: drain(desk))
        time.sleep(0.02)  # another process can set no event here
    kill(process)
    assert marks == []


async def headers_of(settings: Settings) -> str:
    """What proves the desk in one request."""
    async with connect(settings, settings.public_url) as api:
        await api.ask(DESK, "GET", "/v1/desk/key")  # the nonce comes with it
        headers = await api.headers("desk", "POST", "/v1/desk/packets")
        return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def send_badly(server: Server, sealed: bytes, octets: int) -> None:
    """Send a packet's request up to there, and hang up without waiting for the answer."""
    proven = anyio.run(headers_of, server.settings)
    head = (
        f"POST /v1/desk/packets HTTP/1.1\r\nHost: desk\r\n{proven}Lindung-Purpose: worker_registration\r\n"
        f"Content-Type: {PACKET_TYPE}\r\nContent-Length: {len(sealed)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", urlsplit(server.settings.public_url).port or 0)) as line:
        line.sendall(head.encode() + sealed[:octets])
        if octets == len(sealed):
            line.recv(1)  # it is there, and the answer is lost


async def connected_once(desk: DeskSettings) -> bool:
    """The desk learns the gateway's key."""
    station = Station(desk)
    await station.sender.drain()
    await station.gateway.close()
    return station.keys.ready


async def all_registrations(settings: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async with connect(settings, settings.public_url) as api:
        cursor: str | None = ""
        while cursor is not None:
            given = {"limit": 200} | ({"cursor": cursor} if cursor else {})
            page = (await api.ask(DESK, "GET", "/v1/registrations", params=given)).json()
            found += page["items"]
            cursor = page["next"]
    return found


def test_five_hundred_packets_without_loss_or_double(server: Server, desk: DeskSettings) -> None:
    started = time.monotonic()
    server.start()
    assert asyncio.run(connected_once(desk))
    server.kill()

    references = pack_all(desk, random.Random(SEED))  # noqa: S311  seeded on purpose
    waiting = Station(desk).outbox.waiting()
    assert PACKETS <= len(waiting) <= PACKETS + DESK_KILLS  # a kill may come between keeping a packet and saying so
    packed = time.monotonic()

    server.start()
    send_badly(server, waiting[0].path.read_bytes(), 200)
    send_badly(server, waiting[1].path.read_bytes(), waiting[1].path.stat().st_size)
    drain_all(desk, server, len(waiting))
    found = Counter(each["reference"] for each in anyio.run(all_registrations, server.settings))
    assert set(found.values()) == {1}
    assert len(found) == len(waiting)
    assert references <= set(found)
    outbox = Station(desk).outbox
    assert (outbox.waiting(), outbox.refused()) == ([], [])
    assert {line.reference for line in outbox.receipts.newest(10_000)} == set(found)
    done = time.monotonic()
    print(f"packed in {packed - started:.1f} s, sent in {done - packed:.1f} s")  # noqa: T201
