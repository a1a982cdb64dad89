"""The galleries' face indexes between two lives of the service: what was kept, what the table says, and the audit."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest

from services.biometrics.encounters.enrolled import EnrolledEncounter, EnrolledItem
from services.biometrics.evidence import Calibration
from services.biometrics.identify.auditing import IndexAuditor, next_night
from services.biometrics.identify.face_shelves import FaceShelf, FaceShelves
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.keeping import keep_all
from services.biometrics.index.opening import open_index, sweep_snapshots
from services.biometrics.templates.features import FaceFeatures
from shared.settings import Settings
from tests.biometrics.index_contract import unit

MODEL = "m"
VECTORS = unit(60)
CALIBRATION = Calibration(MODEL, "made up", ((-1.0, 0.0), (0.9, 4.0)), ((-1.0, 4.0), (0.9, 0.0)))


def enrolled(seq: int, *, bare: bool = False) -> EnrolledEncounter:
    """With its vector as it is read from the table, or without, as when it was kept."""
    vector = np.empty(0, np.float32) if bare else VECTORS[seq]
    item = EnrolledItem(str(seq), FaceFeatures(MODEL, vector), None, None)
    return EnrolledEncounter(seq, f"p{seq}", f"e{seq}", frozenset({"g"}), (item,))


def shelves(settings: Settings) -> FaceShelves:
    return FaceShelves(lambda shelf, dimension: open_index(settings, *shelf, dimension, bytes(32)))


def found(galleries: Galleries, seq: int) -> bool:
    probe = FaceFeatures(MODEL, VECTORS[seq])
    return any(score > 0.999 for _, score in galleries.nearest("g", probe, 5, floor=0.5))


@pytest.fixture(params=["sealed", "mapped"])
def settings(tmp_path, request):
    return Settings(var=tmp_path, index_files=request.param)


def test_a_start_takes_what_was_kept_and_the_table_has_the_last_word(settings):
    before = shelves(settings)
    galleries = Galleries(before)
    galleries.add_all(enrolled(seq) for seq in range(40))
    assert keep_all(before)
    galleries.add(enrolled(40))  # after the snapshot; and 7 is erased after it
    after = shelves(settings)
    again = Galleries(after)
    again.add_all([enrolled(0)])  # the first opens the index
    assert not again.has_kept({"g"}, MODEL, "0")
    assert again.has_kept({"g"}, MODEL, "1")
    assert not again.has_kept({"g", "other"}, MODEL, "1")
    assert not again.has_kept({"g"}, MODEL, "40")
    again.add_all(enrolled(seq, bare=True) for seq in range(1, 40) if seq != 7)
    again.add_all([enrolled(40)])
    again.complete()
    assert [seq for seq in range(41) if not found(again, seq)] == [7]
    (encounter,) = again.of_person("g", "p3")
    np.testing.assert_array_equal(encounter.items[0].features.vector, VECTORS[3])
    assert len(again) == 40


def test_what_is_kept_of_a_gallery_that_is_no_more_is_removed(settings):
    some = shelves(settings)
    Galleries(some).add(enrolled(1))
    keep_all(some)
    assert list((settings.var / "index").glob("*/*.block"))
    sweep_snapshots(settings, [("g", MODEL)])
    assert list((settings.var / "index").glob("*/*.block"))
    sweep_snapshots(settings, [])
    assert not list((settings.var / "index").iterdir())


def test_of_two_registrations_of_one_person_at_once_one_finds_the_other():
    """As the service does it: into the memory that searches see first, and then the search that belongs to it."""
    galleries, start, rounds = Galleries(), threading.Barrier(2), 60

    def register(side: int) -> list[bool]:
        seen = []
        for turn in range(rounds):
            item = EnrolledItem(f"{side}-{turn}", FaceFeatures(MODEL, VECTORS[turn]), None, None)
            one = EnrolledEncounter(2 * turn + side, f"{side}-{turn}", "e", frozenset({"g"}), (item,))
            start.wait()
            galleries.add(one)
            keys = {key for key, score in galleries.nearest("g", item.features, 50, 0.5) if score > 0.999}
            seen.append(f"{1 - side}-{turn}" in keys)
        return seen

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(register, range(2))
    assert all(either or both for either, both in zip(one, other, strict=True))


class Table:
    """The faces that the table has."""

    def __init__(self, seqs):
        self.seqs = seqs

    async def face_keys(self):
        return [("g", MODEL, seq) for seq in self.seqs]


@pytest.mark.anyio
async def test_the_audit_tells_index_and_table_apart(settings):
    some = shelves(settings)
    Galleries(some).add_all(enrolled(seq) for seq in range(30))
    (whole,) = await IndexAuditor(some, Table(range(30)), lambda: {MODEL: CALIBRATION}).run(10)
    assert whole.ok
    assert (whole.shelf, whole.compared.rows, whole.compared.probes) == (FaceShelf("g", MODEL), 30, 20)
    (differing,) = await IndexAuditor(some, Table(range(1, 31)), lambda: {MODEL: CALIBRATION}).run(10)
    assert not differing.ok
    assert (differing.missing, differing.extra) == (("30",), ("0",))
    empty = FaceShelves()
    (nothing,) = await IndexAuditor(empty, Table([5]), lambda: {MODEL: CALIBRATION}).run(10)
    assert nothing.missing == ("5",)


def test_the_next_night_is_always_ahead():
    evening = datetime(2026, 11, 22, 18, 59, tzinfo=UTC)
    assert next_night(evening).isoformat() == "2026-11-22T19:00:00+00:00"
    assert next_night(next_night(evening)).day == 23
