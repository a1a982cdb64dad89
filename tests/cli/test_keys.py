"""`lindung keys rotate`: everything kept stays readable while services go on, a cut-off run goes on, old keys go."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from services.biometrics.encounters.tables import PersonRow
from services.biometrics.tasks.tables import TaskRow
from services.cli import main
from services.registry.workers.particulars import Particulars
from services.registry.workers.store import RegistrationStore, Submission
from services.registry.workers.tables import RegistrationRow
from shared.contracts.registrations import RegistrationRequest
from shared.crypto.sealing import KeyRing, MemberKeyMissingError, wrapping_mark
from shared.db import rewrapping
from shared.db.database import Database, now
from shared.settings import SERVICES, ServiceName, Settings
from tests.biometrics.callback_listener import listening
from tests.biometrics.osia_client import Abis, encounter, missing, running
from tests.conftest import ROOT, Backend, MakeDeployment

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, make_deployment: MakeDeployment) -> Settings:
    backend: Backend = request.param
    return make_deployment(backend)


def environment(settings: Settings) -> dict[str, str]:
    urls = {name: getattr(settings, f"{name}_database_url") for name in SERVICES}
    given = {f"LINDUNG_{name.upper()}_DATABASE_URL": url for name, url in urls.items() if url}
    return given | {"LINDUNG_VAR": str(settings.var)}


def lindung(settings: Settings, *words: str, code: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["keys", "rotate", "--json", *words], env=environment(settings))
    assert done.exit_code == code, done.output
    rotated: dict[str, Any] = json.loads(done.stdout)["rotated"]
    return rotated


async def rotate(settings: Settings, *words: str, code: int = 0) -> dict[str, Any]:
    """In a thread, as another process would: the service in this one goes on meanwhile."""
    return await asyncio.to_thread(lindung, settings, *words, code=code)


def ring_file(settings: Settings, service: ServiceName = "biometrics") -> Path:
    return settings.key_folder / f"{service}-sealing.json"


def age(settings: Settings, service: ServiceName = "biometrics") -> None:
    """Let the newest keys be a day old."""
    ring = json.loads(ring_file(settings, service).read_text())
    for entries in ring.values():
        entries[0]["made"] = (now() - timedelta(days=1)).isoformat()
    ring_file(settings, service).write_text(json.dumps(ring))


async def enrol_many(abis: Abis, count: int) -> list[str]:
    people = [f"p{number}" for number in range(count)]
    for person in people:
        await abis.enrol(missing() | {"comment": person}, person=person)
    return people


async def read_all(abis: Abis, people: list[str]) -> None:
    for person in people:
        answer = await abis.ask("GET", f"/v1/persons/{person}/encounters")
        assert answer.status_code == 200, answer.text
        assert answer.json()[0]["biometricData"][0]["comment"] == person


@asynccontextmanager
async def opened(settings: Settings, service: ServiceName = "biometrics") -> AsyncIterator[Database]:
    database = Database(settings.database_url(service))
    try:
        yield database
    finally:
        await database.close()


async def wrapped(settings: Settings, column: Any = PersonRow.subject_key) -> list[bytes]:
    service: ServiceName = "registry" if column is RegistrationRow.wrapped_key else "biometrics"
    async with opened(settings, service) as database, database.read() as session:
        return list((await session.scalars(sa.select(column))).all())


async def test_everything_stays_readable_while_the_service_goes_on(settings: Settings) -> None:
    old_ring = KeyRing.load(ring_file(settings))
    kids = old_ring.kids("IDN")
    async with running(settings) as abis:
        people = await enrol_many(abis, 5)
        before = await wrapped(settings)
        told = (await rotate(settings, "--service", "biometrics"))["biometrics"]
        assert (told["kid"], told["resumed"], told["rewrapped"]) == ("2", False, 5)
        assert "IDN/1" in told["kept"]
        await read_all(abis, people)
        await abis.enrol(missing() | {"comment": "late"}, person="late")
        after = await wrapped(settings)
        assert all(key.startswith(wrapping_mark("2")) for key in after)
        assert len(after) == 6
        assert ring_file(settings).stat().st_mode & 0o777 == 0o600
        early = await rotate(settings, "--service", "biometrics", "--drop-old", code=1)
        assert "younger" in early["biometrics"]["why_kept"]
        age(settings)
        dropped = (await rotate(settings, "--service", "biometrics", "--drop-old"))["biometrics"]
        assert "IDN/1" in dropped["dropped"]
        assert dropped["kept"] == []
        await read_all(abis, [*people, "late"])
        (fresh,) = [KeyRing.load(ring_file(settings))]
        assert (kids, fresh.kids("IDN")) == (("1",), ("2",))
        for key in before:  # what a backup has: the old ring opened it, nothing that is here does
            with pytest.raises(MemberKeyMissingError):
                fresh.subject("IDN", key)
    async with running(settings) as abis:
        await read_all(abis, [*people, "late"])
        assert (await rotate(settings, "--service", "biometrics"))["biometrics"]["kid"] == "3"
        await read_all(abis, [*people, "late"])


async def test_requests_all_succeed_during_rotations(settings: Settings) -> None:
    async with running(settings) as abis:
        people = await enrol_many(abis, 3)
        rotating = asyncio.create_task(rotate_thrice(settings))
        rounds = 0
        while not rotating.done():
            await read_all(abis, people)
            people.append(f"q{rounds}")
            await abis.enrol(missing() | {"comment": people[-1]}, person=people[-1])
            rounds += 1
        await rotating
        await read_all(abis, people)
        assert rounds >= 2


async def rotate_thrice(settings: Settings) -> None:
    for _ in range(3):
        await rotate(settings, "--service", "biometrics")


async def test_waiting_tasks_are_brought_along(settings: Settings) -> None:
    with listening() as listener:
        listener.statuses = [503]
        async with running(settings.model_copy(update={"callback_hosts": listener.host})) as abis:
            taken = await abis.ask("POST", "/v1/persons", json=encounter(missing()), callback=listener.url())
            assert taken.status_code == 202
            await listener.next()  # not taken; it comes again
            await rotate(settings, "--service", "biometrics")
            assert all(key.startswith(wrapping_mark("2")) for key in await wrapped(settings, TaskRow.subject_key))
            assert "personId" in (await listener.next()).body


async def registrations(settings: Settings, count: int) -> tuple[RegistrationStore, Database, list[str]]:
    database = Database(settings.database_url("registry"))
    store = RegistrationStore(database, KeyRing.load(ring_file(settings, "registry")), bytes(32))
    ids = []
    for number in range(count):
        request = RegistrationRequest(name="Siti", born="1996", reference=f"r{number}")
        particulars = Particulars("Siti", None, "1996", None, None, None)
        submission = Submission("IDN", "desk", f"key-{number}", b"{}", request, particulars)
        ids.append((await store.accept(submission)).id)
    return store, database, ids


async def test_registrations_stay_readable(settings: Settings) -> None:
    store, database, ids = await registrations(settings, 4)
    try:
        told = await rotate(settings)
        assert {name: each["rewrapped"] for name, each in told.items()} == {"registry": 4, "biometrics": 0}
        keys = await wrapped(settings, RegistrationRow.wrapped_key)
        assert all(key.startswith(wrapping_mark("2")) for key in keys)
        for service in ("registry", "biometrics"):
            age(settings, service)
        await rotate(settings, "--drop-old")
        for registration in ids:
            _, request = await store.packet(registration)  # the store that was open all the time
            assert request.name == "Siti"
    finally:
        await database.close()


async def test_a_run_that_is_killed_goes_on(settings: Settings) -> None:
    _, database, ids = await registrations(settings, 12)
    await database.close()
    code = (
        "import os, signal\n"
        "import shared.db.rewrapping as rewrapping\n"
        "rewrapping._BATCH = 5\n"
        "once = rewrapping._rewrap_some\n"
        "async def cut(*given):\n"
        "    done = await once(*given)\n"
        "    os.kill(os.getpid(), signal.SIGKILL) if done else None\n"
        "    return done\n"
        "rewrapping._rewrap_some = cut\n"
        "from services.cli import main\n"
        "main(['keys', 'rotate', '--service', 'registry'])\n"
    )
    given = os.environ | environment(settings)
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, check=False, timeout=60
    )
    assert killed.returncode == -9, killed.stderr
    new = [key for key in await wrapped(settings, RegistrationRow.wrapped_key) if key.startswith(wrapping_mark("2"))]
    assert len(new) == 5
    told = (await rotate(settings, "--service", "registry"))["registry"]
    assert (told["kid"], told["resumed"], told["rewrapped"]) == ("2", True, 7)
    keys = await wrapped(settings, RegistrationRow.wrapped_key)
    assert len(keys) == len(ids)
    assert all(key.startswith(wrapping_mark("2")) for key in keys)
    assert (await rotate(settings, "--service", "registry"))["registry"]["kid"] == "3"


async def test_an_old_key_stays_as_long_as_it_wraps_something(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings) as abis:
        people = await enrol_many(abis, 2)
        await rotate(settings, "--service", "biometrics")
        async with opened(settings) as database, database.write() as session:  # as a request that was under way
            old = KeyRing({"IDN": KeyRing.load(ring_file(settings))._keys["IDN"][1:]})
            row = PersonRow(person_id="x", member="IDN", organisation="o", created_at=now())
            row.subject_key = old.new_subject_key("IDN")
            session.add(row)
        age(settings)
        told = (await rotate(settings, "--service", "biometrics", "--drop-old", code=1))["biometrics"]
        assert (told["rewrapped"], told["dropped"]) == (1, [])
        told = (await rotate(settings, "--service", "biometrics", "--drop-old"))["biometrics"]
        assert (told["rewrapped"], told["kept"]) == (0, [])
        await read_all(abis, people)


def test_every_table_with_a_wrapped_key_has_a_member() -> None:
    from services.biometrics.schema import metadata as biometrics
    from services.registry.schema import metadata as registry

    found = {str(column) for metadata in (biometrics, registry) for column in rewrapping.wrapped_columns(metadata)}
    assert {
        "biometrics_persons.subject_key",
        "biometrics_tasks.subject_key",
        "registry_registrations.wrapped_key",
    } <= found
    for metadata in (biometrics, registry):
        for column in rewrapping.wrapped_columns(metadata):
            assert "member" in column.table.columns
            assert len(column.table.primary_key.columns) == 1


@pytest.mark.parametrize("words", [["--drop-old"], ["--service", "registry"], ["rotate", "--service", "gateway"]])
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(main, ["keys", *words]).exit_code == 2


def test_what_cannot_be_done_is_told_in_a_sentence(make_deployment: MakeDeployment) -> None:
    settings = make_deployment("sqlite")
    ring_file(settings).write_text("{")
    done = CliRunner().invoke(main, ["keys", "rotate", "--service", "biometrics"], env=environment(settings))
    assert done.exit_code == 1
    assert "cannot be read" in done.stderr
