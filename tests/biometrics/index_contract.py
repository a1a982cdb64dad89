"""What every vector index must do; each implementation's tests run it with a factory of their own.

A test class derives from `IndexContract` and overrides `index`: a fixture that gives an empty index of DIMENSION.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import numpy as np
import pytest

from services.biometrics.index import IndexKeyError, VectorShapeError

DIMENSION = 16
CLOSE = 1e-6


def unit(count, seed=0, dimension=DIMENSION):
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def brute_force(gallery, probe, limit=None, floor=-2.0):
    scored = [(float(vector.astype(float) @ probe.astype(float)), key) for key, vector in gallery.items()]
    return sorted((each for each in scored if each[0] >= floor), key=lambda each: (-each[0], each[1]))[:limit]


def assert_same(hits, wanted):
    assert [hit.key for hit in hits] == [key for _, key in wanted]
    assert [hit.similarity for hit in hits] == pytest.approx([score for score, _ in wanted], abs=CLOSE)


def fill(index, count, seed=0, name="key"):
    gallery = dict(zip((f"{name}-{i}" for i in range(count)), unit(count, seed), strict=True))
    index.add(list(gallery), np.stack(list(gallery.values())))
    return gallery


def run_together(*jobs):
    """Run each job in a thread of its own; what any of them raises is raised here."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        for future in [pool.submit(job) for job in jobs]:
            future.result()


class IndexContract:
    """Inherited by the tests of each implementation."""

    ROUNDS = 40
    """Of what is done at once; fewer where each takes a network's time."""

    @pytest.fixture
    def index(self):
        raise NotImplementedError

    def test_an_empty_index_finds_nobody(self, index):
        assert len(index) == 0
        assert index.dimension == DIMENSION
        assert index.search(unit(2), 10) == [[], []]
        assert index.search_at(unit(2), -1.0) == [[], []]
        assert list(index.keys()) == []

    @pytest.mark.parametrize("limit", [1, 3, 50, 1000])
    def test_search_equals_brute_force(self, index, limit):
        gallery = fill(index, 200)
        assert len(index) == 200
        probes = unit(6, seed=1)
        for probe, hits in zip(probes, index.search(probes, limit), strict=True):
            assert_same(hits, brute_force(gallery, probe, limit))

    @pytest.mark.parametrize("threshold", [-1.0, 0.0, 0.3, 0.99])
    def test_nobody_at_the_threshold_is_lost(self, index, threshold):
        gallery = fill(index, 200)
        probes = np.concatenate([unit(5, seed=1), unit(1)])
        for probe, hits in zip(probes, index.search_at(probes, threshold), strict=True):
            assert_same(hits, brute_force(gallery, probe, floor=threshold))

    def test_a_floor_cuts_the_short_list(self, index):
        gallery = fill(index, 100)
        probe = unit(1, seed=3)
        (hits,) = index.search(probe, 10, floor=0.2)
        assert_same(hits, brute_force(gallery, probe[0], 10, 0.2))

    def test_a_vector_finds_itself_first_and_the_caller_may_reuse_the_array(self, index):
        rows = unit(30)
        buffer = rows.copy()
        index.add([str(i) for i in range(30)], buffer)
        buffer[:] = 0
        for i, (hit,) in enumerate(index.search(rows, 1)):
            assert hit.key == str(i)
            assert 1.0 - CLOSE <= hit.similarity <= 1.0

    def test_vectors_are_given_back_as_they_came(self, index):
        gallery = fill(index, 20)
        keys = ["key-7", "key-0", "key-19"]
        np.testing.assert_array_equal(index.vectors(keys), np.stack([gallery[key] for key in keys]))
        assert sorted(index.keys()) == sorted(gallery)
        with pytest.raises(IndexKeyError):
            index.vectors(["key-0", "nobody"])

    def test_removed_keys_are_never_found_and_may_come_back_elsewhere(self, index):
        gallery = fill(index, 100)
        gone = [f"key-{i}" for i in range(0, 100, 2)]
        index.remove(gone)
        first = gallery["key-0"]
        for key in gone:
            del gallery[key]
        assert len(index) == 50
        assert_same(index.search(first[np.newaxis], 100)[0], brute_force(gallery, first, 100))
        index.add(["key-0"], -first[np.newaxis])
        gallery["key-0"] = -first
        assert_same(index.search(first[np.newaxis], 100)[0], brute_force(gallery, first, 100))

    def test_everybody_removed(self, index):
        gallery = fill(index, 40)
        index.remove(list(gallery))
        assert len(index) == 0
        assert index.search(unit(1), 5) == [[]]
        assert index.stats().rows == 0

    def test_a_key_is_there_once(self, index):
        fill(index, 3)
        more = unit(2, seed=5)
        for keys in (["new", "key-1"], ["twice", "twice"]):
            with pytest.raises(IndexKeyError):
                index.add(keys, more)
        assert len(index) == 3
        assert {hit.key for hit in index.search(more, 10)[0]} == {"key-0", "key-1", "key-2"}

    def test_unknown_keys_cannot_be_removed_and_nothing_is_then(self, index):
        fill(index, 3)
        for keys in (["key-0", "nobody"], ["key-0", "key-0"]):
            with pytest.raises(IndexKeyError):
                index.remove(keys)
        assert len(index) == 3

    @pytest.mark.parametrize(
        "vectors",
        [
            np.zeros((1, DIMENSION), np.float32),
            unit(1) * 2,
            unit(1)[:, :-1],
            unit(1)[0],
            np.full((1, DIMENSION), np.nan, np.float32),
            np.full((1, DIMENSION), np.inf, np.float32),
        ],
        ids=["zero", "not unit", "short", "1-d", "nan", "inf"],
    )
    def test_vectors_that_cannot_be_compared_change_nothing(self, index, vectors):
        with pytest.raises(VectorShapeError):
            index.add(["a"], vectors)
        with pytest.raises(VectorShapeError):
            index.search(vectors, 1)
        with pytest.raises(VectorShapeError):
            index.search_at(vectors, 0.5)
        assert len(index) == 0

    @pytest.mark.parametrize("limit", [0, -1])
    def test_a_search_for_nobody_is_a_mistake(self, index, limit):
        with pytest.raises(ValueError, match="limit"):
            index.search(unit(1), limit)

    def test_a_snapshot_changes_no_answer(self, index):
        gallery = fill(index, 60)
        before = index.search(unit(3, seed=1), 60)
        index.snapshot()
        assert index.search(unit(3, seed=1), 60) == before
        index.remove(["key-3"])
        index.snapshot()
        assert index.stats().rows == len(gallery) - 1

    def test_of_two_doubles_enrolled_at_once_one_sees_the_other(self, index):
        """Each is added before its own search begins; whoever is added last must find the other."""
        rows = unit(self.ROUNDS, seed=9)
        start = Barrier(2)
        seen = {}

        def enrol(side):
            for turn, row in enumerate(rows):
                start.wait()
                index.add([f"{side}-{turn}"], row[np.newaxis])
                (hits,) = index.search_at(row[np.newaxis], 0.9)
                seen[side, turn] = {hit.key for hit in hits}

        run_together(partial(enrol, "a"), partial(enrol, "b"))
        for turn in range(self.ROUNDS):
            assert f"b-{turn}" in seen["a", turn] or f"a-{turn}" in seen["b", turn]

    def test_writers_and_searchers_at_once(self, index):
        """Fixed keys are always found and no key twice, while others come, go and come back."""
        count = 10 * self.ROUNDS
        fixed, moving = unit(50), unit(count, seed=2)
        index.add([f"fixed-{i}" for i in range(50)], fixed)

        def write(part):
            for i in range(part, count, 2):
                index.add([f"m-{i}"], moving[i : i + 1])
                if i % 3:
                    index.remove([f"m-{i}"])
                if i % 3 == 1:
                    index.add([f"m-{i}"], moving[i : i + 1])

        def read():
            for turn in range(5 * self.ROUNDS):
                keys = [hit.key for hit in index.search(fixed[turn % 50][np.newaxis], 20)[0]]
                assert keys[0] == f"fixed-{turn % 50}"
                assert len(set(keys)) == len(keys)

        run_together(partial(write, 0), partial(write, 1), read, read, read)
        gallery = {f"fixed-{i}": vector for i, vector in enumerate(fixed)}
        gallery |= {f"m-{i}": moving[i] for i in range(count) if i % 3 != 2}
        assert len(index) == len(gallery)
        assert_same(index.search(fixed[:1], 2000)[0], brute_force(gallery, fixed[0]))
