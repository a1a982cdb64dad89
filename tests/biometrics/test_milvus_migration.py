"""From the table into Milvus and back: nothing lost, nothing kept that the table does not have, and resumed."""

import json
from functools import partial

import anyio
import pytest
from click.testing import CliRunner

from services.biometrics.capacity.measuring import _encounters, _write
from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.evidence import Calibration
from services.biometrics.face import CALIBRATIONS
from services.biometrics.identify.index_migration import IndexMigration
from services.biometrics.index import IndexUnavailableError
from services.biometrics.index.opening import open_index
from services.cli.program import main
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.settings import Settings
from tests.biometrics.index_contract import unit
from tests.conftest import MakeDeployment

pytestmark = pytest.mark.anyio
PEOPLE, DIMENSION = 60, 32
SHELF = ("workers", "capacity-face", DIMENSION)
FLAT = Calibration(SHELF[1], "made up", ((-1.0, 0.0), (0.9, 4.0)), ((-1.0, 4.0), (0.9, 0.0)))


@pytest.fixture(scope="module")
def lite(tmp_path_factory):
    from milvus_lite.server_manager import server_manager_instance

    path = str(tmp_path_factory.mktemp("milvus") / "lite.db")
    yield server_manager_instance.start_and_get_uri(path)
    server_manager_instance.release_server(path)


@pytest.fixture(scope="module")
def settings(make_deployment: MakeDeployment, lite):
    made = make_deployment("sqlite")
    anyio.run(_write, made, _ring(made), _encounters(PEOPLE, DIMENSION, 1))
    return made.model_copy(update={"index": "milvus", "milvus_url": lite, "milvus_vouched": True})


def _ring(settings: Settings) -> KeyRing:
    return KeyRing.load(settings.key_folder / "biometrics-sealing.json")


async def _migrate(settings, opened=None):
    database = Database(settings.database_url("biometrics"))
    reader = EncounterReader(database, _ring(settings), frozenset(SHELF[1:2]))
    try:
        return await IndexMigration(reader, opened or partial(_open, settings), lambda _done: None).run()
    finally:
        await database.close()


def _open(settings, shelf):
    return open_index(settings, *shelf)


class _Breaking:
    """An index whose server goes away after some rows."""

    def __init__(self, index):
        self._index = index

    def add(self, keys, vectors):
        self._index.add(keys[:25], vectors[:25])
        raise IndexUnavailableError

    def __len__(self):
        return len(self._index)

    def __getattr__(self, name):
        return getattr(self._index, name)


async def test_it_goes_on_where_it_was(settings):
    with pytest.raises(IndexUnavailableError):
        await _migrate(settings, lambda shelf: _Breaking(_open(settings, shelf)))
    ((shelf, moved),) = (await _migrate(settings)).items()
    assert shelf == SHELF
    assert (moved.rows, moved.added, moved.removed, moved.counted) == (PEOPLE, PEOPLE - 25, 0, PEOPLE)
    assert moved.sampled
    assert moved.ok
    (again,) = (await _migrate(settings)).values()
    assert (again.added, again.ok) == (0, True)


async def test_what_the_table_does_not_have_goes_and_what_is_another_is_replaced(settings):
    await _migrate(settings)
    index = _open(settings, SHELF)
    index.remove(["1", "3"])
    index.add(["1", "stranger"], unit(2, dimension=DIMENSION))
    (moved,) = (await _migrate(settings)).values()
    assert (moved.added, moved.removed, moved.counted) == (2, 1, PEOPLE)
    assert moved.ok
    index.close()


async def test_an_index_that_answers_otherwise_is_noticed(settings):
    class Forgetful(_Breaking):
        def add(self, keys, vectors):
            self._index.add(keys, vectors)

        def search(self, probes, limit):
            return [hits[1:] for hits in self._index.search(probes, limit)]

    (moved,) = (await _migrate(settings, lambda shelf: Forgetful(_open(settings, shelf)))).values()
    assert moved.counted == PEOPLE
    assert moved.differing
    assert not moved.ok


def _lindung(monkeypatch, settings, *arguments):
    for name in ("var", "index", "milvus_url", "milvus_vouched"):
        monkeypatch.setenv(f"LINDUNG_{name.upper()}", str(getattr(settings, name)))
    return CliRunner().invoke(main, ["index", *arguments, "--json"])


def test_the_command_there_and_back(monkeypatch, settings, lite):
    there = _lindung(monkeypatch, settings, "migrate", "--to", "milvus")
    assert there.exit_code == 0, there.output
    document = json.loads(there.stdout)
    assert (document["to"], document["ok"]) == ("milvus", True)
    assert [(row["gallery"], row["rows"], row["counted"]) for row in document["galleries"]] == [("workers", 60, 60)]
    back = _lindung(monkeypatch, settings, "migrate", "--to", "embedded", "--erase-milvus")
    assert back.exit_code == 0, back.output
    assert json.loads(back.stdout)["ok"]
    index = _open(settings, SHELF)
    assert len(index) == 0
    index.close()


def test_the_audit_finds_on_milvus_who_is_missing_and_who_is_left_over(monkeypatch, settings):
    monkeypatch.setitem(CALIBRATIONS, SHELF[1], FLAT)
    assert _lindung(monkeypatch, settings, "migrate", "--to", "milvus").exit_code == 0
    whole = _lindung(monkeypatch, settings, "audit", "--sample", "20")
    assert whole.exit_code == 0, whole.output
    (row,) = json.loads(whole.stdout)["galleries"]
    assert (row["rows"], row["probes"], row["lost"], row["missing"]) == (PEOPLE, 40, [], [])
    assert row["mates"] >= 40
    index = _open(settings, SHELF)
    index.remove(["3"])
    index.add(["stranger"], unit(1, dimension=DIMENSION))
    differing = _lindung(monkeypatch, settings, "audit", "--sample", "20")
    assert differing.exit_code == 1
    (row,) = json.loads(differing.stdout)["galleries"]
    assert (row["missing"], row["extra"]) == (["3"], ["stranger"])
    assert len(index) == PEOPLE  # an audit puts nothing right
    index.close()


def test_the_command_says_when_nobody_vouched(monkeypatch, settings):
    done = _lindung(monkeypatch, settings.model_copy(update={"milvus_vouched": False}), "migrate", "--to", "milvus")
    assert done.exit_code == 1
    assert "LINDUNG_MILVUS_VOUCHED" in done.stderr
