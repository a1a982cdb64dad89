"""The embedded index: the contract in each of its states, its inner life, and what it keeps on disk."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.biometrics.index import BatchedIndex, EmbeddedIndex, SnapshotFolder
from tests.biometrics.index_contract import DIMENSION, IndexContract, assert_same, brute_force, unit

NEVER = 10**9


class TestExact(IndexContract):
    @pytest.fixture
    def index(self):
        return EmbeddedIndex(DIMENSION)


class TestManyBlocks(IndexContract):
    @pytest.fixture
    def index(self):
        index = EmbeddedIndex(DIMENSION, block_rows=7, coded_from=NEVER)
        yield index
        index.close()


class TestCoded(IndexContract):
    """Codes from the first full block on, merged and rewritten in the background while the contract goes on."""

    @pytest.fixture
    def index(self):
        index = EmbeddedIndex(DIMENSION, block_rows=32, coded_from=32)
        yield index
        index.close()


class TestSealed(IndexContract):
    @pytest.fixture
    def index(self, tmp_path):
        index = EmbeddedIndex(DIMENSION, SnapshotFolder(tmp_path, "a", bytes(32)), block_rows=32, coded_from=64)
        yield index
        index.close()


class TestMapped(IndexContract):
    @pytest.fixture
    def index(self, tmp_path):
        index = EmbeddedIndex(DIMENSION, SnapshotFolder(tmp_path, "a", None), block_rows=32, coded_from=64)
        yield index
        index.close()


class TestBatched(IndexContract):
    @pytest.fixture
    def index(self):
        return BatchedIndex(EmbeddedIndex(DIMENSION), lanes=2)


class AgainstADictionary(RuleBasedStateMachine):
    """Any order of adding, removing and searching gives what a dictionary and brute force give."""

    def __init__(self):
        super().__init__()
        self.index = EmbeddedIndex(DIMENSION, block_rows=16, coded_from=48)
        self.gallery = {}
        self.made = 0

    @rule(count=st.integers(1, 40))
    def add(self, count):
        new = dict(zip((f"k{self.made + i}" for i in range(count)), unit(count, seed=self.made), strict=True))
        self.made += count
        self.index.add(list(new), np.stack(list(new.values())))
        self.gallery |= new

    @precondition(lambda self: self.gallery)
    @rule(data=st.data())
    def remove(self, data):
        keys = data.draw(st.lists(st.sampled_from(sorted(self.gallery)), min_size=1, max_size=20, unique=True))
        self.index.remove(keys)
        for key in keys:
            del self.gallery[key]

    @rule()
    def settle(self):
        self.index.settle()

    @invariant()
    def finds_what_is_there(self):
        assert len(self.index) == len(self.gallery)
        probe = unit(1, seed=10**6)
        assert_same(self.index.search(probe, 5)[0], brute_force(self.gallery, probe[0], 5))
        assert_same(self.index.search_at(probe, 0.4)[0], brute_force(self.gallery, probe[0], floor=0.4))

    def teardown(self):
        self.index.close()


AgainstADictionary.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestAgainstADictionary = AgainstADictionary.TestCase
