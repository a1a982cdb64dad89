"""A start from the real table beside a snapshot that is not what the table says: erased, newer, older, torn."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import delete, insert, text

from services.biometrics.benchmark.starting import _rows
from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.encounters.tables import EncounterGalleryRow, EncounterRow, ItemRow, PersonRow
from services.biometrics.identify.face_shelves import FaceShelves
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.keeping import keep_all
from services.biometrics.identify.loading import load
from services.biometrics.index.opening import open_index
from services.biometrics.templates.features import FaceFeatures
from shared.crypto.keyfiles import make_key_files
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.settings import Settings
from tests.biometrics.index_contract import unit

MODEL = "m"
VECTORS = unit(12)
TABLES = (PersonRow, EncounterRow, EncounterGalleryRow, ItemRow)


class Service:
    """The table and the folder of one service, started as often as one likes."""

    def __init__(self, folder):
        self.settings = Settings(var=folder, biometrics_database_url=None)
        make_key_files(self.settings.key_folder)
        self.ring = KeyRing.load(self.settings.key_folder / "biometrics-sealing.json")
        upgrade("biometrics", self.settings.database_url("biometrics"))
        self.database = Database(self.settings.database_url("biometrics"))

    async def enrol(self, numbers):
        rows = [_rows(self.ring, self.settings.member, MODEL, number, VECTORS[number]) for number in numbers]
        async with self.database.write() as session:
            for place, table in enumerate(TABLES):
                await session.execute(insert(table), [each[place] for each in rows])

    async def erase(self, *numbers):
        async with self.database.write() as session:
            await session.execute(
                delete(PersonRow).where(PersonRow.person_id.in_([f"{each:032x}" for each in numbers]))
            )

    async def start(self):
        """The galleries of a life that begins now, and their shelves."""
        shelves = FaceShelves(lambda shelf, dimension: open_index(self.settings, *shelf, dimension, bytes(32)))
        galleries = Galleries(shelves)
        await load(galleries, EncounterReader(self.database, self.ring, frozenset({MODEL})))
        return galleries, shelves

    def blocks(self):
        return sorted(self.settings.var.glob("index/*/*.block"))


def found(galleries):
    """Numbers of those who are found by their own vector, and told with it."""
    numbers = []
    for number, vector in enumerate(VECTORS):
        probe = FaceFeatures(MODEL, vector)
        near = [key for key, _ in galleries.nearest("BENCH", probe, 3, 0.999)]
        of_person = galleries.of_person("BENCH", f"{number:032x}")
        if near:
            assert near == [str(number)]
            assert [item.features.vector.tolist() for each in of_person for item in each.items] == [vector.tolist()]
            numbers.append(number)
        else:
            assert not of_person
            assert galleries.item(str(number)) is None
    assert len(galleries) == galleries.persons("BENCH") == len(numbers)
    return numbers


@pytest.fixture
async def service(tmp_path):
    made = Service(tmp_path)
    await made.enrol(range(1, 9))
    galleries, shelves = await made.start()
    assert found(galleries) == list(range(1, 9))
    assert keep_all(shelves)
    yield made
    await made.database.close()


@pytest.mark.anyio
async def test_who_was_erased_or_came_after_the_snapshot_is_as_the_table_says(service):
    await service.erase(3, 8)
    await service.enrol([9, 10])
    galleries, shelves = await service.start()
    assert found(galleries) == [1, 2, 4, 5, 6, 7, 9, 10]
    assert keep_all(shelves)
    again, _ = await service.start()
    assert found(again) == [1, 2, 4, 5, 6, 7, 9, 10]


@pytest.mark.anyio
async def test_a_table_older_than_the_snapshot_is_obeyed(service):
    older = service.settings.var / "older.db"
    with (
        closing(sqlite3.connect(service.settings.var / "biometrics.db")) as now,
        closing(sqlite3.connect(older)) as kept,
    ):
        now.backup(kept)
    await service.enrol([9, 10, 11])
    _, shelves = await service.start()
    assert keep_all(shelves)
    await service.database.close()
    for suffix in ("-wal", "-shm"):
        (service.settings.var / f"biometrics.db{suffix}").unlink(missing_ok=True)
    older.replace(service.settings.var / "biometrics.db")
    service.database = Database(service.settings.database_url("biometrics"))
    galleries, shelves = await service.start()
    assert found(galleries) == list(range(1, 9))
    assert keep_all(shelves)
    (index,) = shelves.shelves().values()
    assert sorted(index.keys()) == [str(number) for number in range(1, 9)]


@pytest.mark.anyio
@pytest.mark.parametrize("damage", ["cut", "gone", "turned"])
async def test_a_torn_snapshot_costs_time_and_nobody(service, damage):
    (block,) = service.blocks()
    octets = bytearray(block.read_bytes())
    octets[len(octets) // 2] ^= 1
    block.unlink()  # another file in its place: an index may still be reading the one it has mapped
    if damage != "gone":
        block.write_bytes(octets[: len(octets) // 2] if damage == "cut" else octets)
    await service.erase(1)
    galleries, _ = await service.start()
    assert found(galleries) == list(range(2, 9))


@pytest.mark.anyio
async def test_pages_with_templates_are_left_alone_where_vectors_were_kept(service):
    async with service.database.read() as session:
        plan = await session.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT seq, encounter_seq, ordinal, biometric_type, biometric_sub_type, instance, "
                "model_id FROM biometrics_items WHERE encounter_seq BETWEEN 1 AND 9 AND model_id IN ('m') "
                "ORDER BY encounter_seq, ordinal"
            )
        )
        assert "COVERING INDEX ix_biometrics_items_searched" in plan.all()[0][-1]
