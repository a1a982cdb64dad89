"""The contract of every vector index, run against each implementation, and the flat index's own inner life."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.biometrics.index import FlatIndex, IndexKeyError, VectorShapeError

DIMENSION = 16

FACTORIES = [
    pytest.param(lambda: FlatIndex(DIMENSION), id="flat, all in the tail"),
    pytest.param(lambda: FlatIndex(DIMENSION, tail_rows=7), id="flat, many segments"),
]


def unit(count, seed=0, dimension=DIMENSION):
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def brute_force(gallery, probe, limit):
    scored = sorted(((float(vector @ probe), key) for key, vector in gallery.items()), reverse=True)
    return scored[:limit]


def assert_exact(index, gallery, probe, limit):
    hits = index.search(probe, limit)
    wanted = brute_force(gallery, probe, limit)
    assert [hit.similarity for hit in hits] == pytest.approx([score for score, _ in wanted], abs=1e-6)
    assert [hit.key for hit in hits] == [key for _, key in wanted]


@pytest.fixture(params=FACTORIES)
def index(request):
    return request.param()


def test_an_empty_index_finds_nobody(index):
    assert len(index) == 0
    assert index.dimension == DIMENSION
    assert index.search(unit(1)[0], 10) == []


@pytest.mark.parametrize("limit", [1, 3, 50, 1000])
def test_search_equals_brute_force(index, limit):
    gallery = dict(zip((f"key-{i}" for i in range(200)), unit(200), strict=True))
    for key, vector in gallery.items():
        index.add(key, vector)
    assert len(index) == 200
    for probe in unit(20, seed=1):
        assert_exact(index, gallery, probe, limit)


def test_a_vector_finds_itself_first_and_the_caller_may_reuse_its_array(index):
    rows = unit(30)
    buffer = np.empty(DIMENSION, dtype=np.float32)
    for i, vector in enumerate(rows):
        buffer[:] = vector
        index.add(str(i), buffer)
    for i, vector in enumerate(rows):
        (hit,) = index.search(vector, 1)
        assert hit.key == str(i)
        assert 1.0 - 1e-6 <= hit.similarity <= 1.0


def test_removed_keys_are_never_found_and_may_come_back_elsewhere(index):
    rows = unit(100)
    for i, vector in enumerate(rows):
        index.add(str(i), vector)
    for i in range(0, 100, 2):
        index.remove(str(i))
    assert len(index) == 50
    gallery = {str(i): rows[i] for i in range(1, 100, 2)}
    assert_exact(index, gallery, rows[0], 100)
    index.add("0", -rows[0])
    assert_exact(index, {**gallery, "0": -rows[0]}, rows[0], 100)


def test_everybody_removed(index):
    rows = unit(40)
    for i, vector in enumerate(rows):
        index.add(str(i), vector)
    for i in range(40):
        index.remove(str(i))
    assert len(index) == 0
    assert index.search(rows[0], 5) == []


def test_a_key_is_there_once(index):
    first, second = unit(2)
    index.add("a", first)
    with pytest.raises(IndexKeyError):
        index.add("a", second)
    assert len(index) == 1
    assert index.search(first, 5)[0].similarity == pytest.approx(1.0)


def test_an_unknown_key_cannot_be_removed(index):
    index.add("a", unit(1)[0])
    with pytest.raises(IndexKeyError):
        index.remove("b")
    index.remove("a")
    with pytest.raises(IndexKeyError):
        index.remove("a")


@pytest.mark.parametrize(
    "vector",
    [
        np.zeros(DIMENSION, np.float32),
        unit(1)[0] * 2,
        unit(1)[0][:-1],
        unit(1),
        np.full(DIMENSION, np.nan, np.float32),
        np.full(DIMENSION, np.inf, np.float32),
    ],
    ids=["zero", "not unit", "short", "2-d", "nan", "inf"],
)
def test_vectors_that_cannot_be_compared_change_nothing(index, vector):
    with pytest.raises(VectorShapeError):
        index.add("a", vector)
    with pytest.raises(VectorShapeError):
        index.search(vector, 1)
    assert len(index) == 0


@pytest.mark.parametrize("limit", [0, -1])
def test_a_search_for_nobody_is_a_mistake(index, limit):
    with pytest.raises(ValueError, match="limit"):
        index.search(unit(1)[0], limit)


def run_together(*jobs):
    """Run each job in a thread of its own; what any of them raises is raised here."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        for future in [pool.submit(job) for job in jobs]:
            future.result()


def test_writers_and_searchers_at_once(index):
    """Fixed keys are always found and no key twice, while others come, go and come back."""
    fixed, moving = unit(50), unit(1500, seed=2)
    for i, vector in enumerate(fixed):
        index.add(f"fixed-{i}", vector)

    def write(part):
        for i in range(part, 1500, 2):
            index.add(f"m-{i}", moving[i])
            if i % 3:
                index.remove(f"m-{i}")
            if i % 3 == 1:
                index.add(f"m-{i}", moving[i])

    def read():
        for turn in range(400):
            keys = [hit.key for hit in index.search(fixed[turn % 50], 20)]
            assert keys[0] == f"fixed-{turn % 50}"
            assert len(set(keys)) == len(keys)

    run_together(partial(write, 0), partial(write, 1), read, read, read)
    gallery = {f"fixed-{i}": vector for i, vector in enumerate(fixed)}
    gallery |= {f"m-{i}": moving[i] for i in range(1500) if i % 3 != 2}
    assert len(index) == len(gallery)
    assert_exact(index, gallery, fixed[0], 2000)


class AgainstADictionary(RuleBasedStateMachine):
    """Any order of adding, removing and searching gives what a dictionary and brute force give."""

    def __init__(self):
        super().__init__()
        self.index = FlatIndex(DIMENSION, tail_rows=4)
        self.gallery = {}
        self.made = 0

    @rule(count=st.integers(1, 6))
    def add(self, count):
        for vector in unit(count, seed=self.made):
            self.made += 1
            self.index.add(f"k{self.made}", vector)
            self.gallery[f"k{self.made}"] = vector

    @precondition(lambda self: self.gallery)
    @rule(data=st.data())
    def remove(self, data):
        key = data.draw(st.sampled_from(sorted(self.gallery)))
        self.index.remove(key)
        del self.gallery[key]

    @invariant()
    def finds_what_is_there(self):
        assert len(self.index) == len(self.gallery)
        assert_exact(self.index, self.gallery, unit(1, seed=10**6)[0], 5)


AgainstADictionary.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestAgainstADictionary = AgainstADictionary.TestCase


def test_segments_stay_few_and_shed_what_is_struck_out():
    index = FlatIndex(DIMENSION, tail_rows=8)
    rows = unit(1000)
    for i, vector in enumerate(rows):
        index.add(str(i), vector)
    sizes = [len(segment) for segment in index._state.sealed]
    assert len(sizes) <= 8
    assert sum(sizes) + len(index._state.tail) == 1000
    for i in range(900):
        index.remove(str(i))
    assert sum(len(segment) for segment in index._state.sealed) <= 150
    assert_exact(index, {str(i): rows[i] for i in range(900, 1000)}, rows[0], 100)
