"""The tree of RFC 9162: the roots published with Certificate Transparency's first logs, and every small tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standards import merkle

# The leaves and roots that implementations of RFC 6962 (the same tree as RFC 9162) publish as their test data.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Tree:
    """A tree in memory, as the log keeps it in tables."""

    def __init__(self, entries=()):
        self.nodes: dict[merkle.Node, bytes] = {}
        self.leaves: list[bytes] = []
        for entry in entries:
            self.append(entry)

    def append(self, entry: bytes) -> None:
        leaf = merkle.leaf_hash(entry)
        self.nodes.update(merkle.completed(len(self.leaves), leaf, self.lookup))
        self.leaves.append(leaf)

    def lookup(self, node: merkle.Node) -> bytes:
        return self.nodes[node]

    def root(self, size: int) -> bytes:
        return merkle.root(size, self.lookup)


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size):
    assert Tree(LEAVES).root(size).hex() == ROOTS[size - 1]


def test_an_empty_log_has_the_hash_of_nothing():
    assert merkle.root(0, {}.__getitem__).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_published_inclusion_path():
    path = merkle.inclusion_path(0, 8, Tree(LEAVES).lookup)
    assert [each.hex() for each in path] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


def test_every_proof_of_every_small_tree_holds_and_no_other():
    tree = Tree(bytes([number]) for number in range(33))
    for size in range(1, 34):
        for leaf in range(size):
            path = merkle.inclusion_path(leaf, size, tree.lookup)
            assert merkle.verify_inclusion(leaf, size, tree.leaves[leaf], path, tree.root(size))
            assert not merkle.verify_inclusion(leaf, size, merkle.leaf_hash(b"other"), path, tree.root(size))
            assert not merkle.verify_inclusion(leaf + 1, size, tree.leaves[leaf], path, tree.root(size))
        for first in range(1, size + 1):
            path = merkle.consistency_path(first, size, tree.lookup)
            assert merkle.verify_consistency(first, size, tree.root(first), tree.root(size), path)
            if first < size:
                assert not merkle.verify_consistency(first, size, tree.root(first)[::-1], tree.root(size), path)
                assert not merkle.verify_consistency(first, size, tree.root(first), tree.root(size)[::-1], path)


@given(st.integers(1, 60), st.data())
def test_a_rewritten_log_has_no_consistency_proof(size, data):
    """Whichever earlier entry is changed, no proof that the changed log can make binds the old root to it."""
    honest = Tree(bytes([number]) for number in range(size))
    changed = data.draw(st.integers(0, size - 1))
    forged = Tree(b"forged" if number == changed else bytes([number]) for number in range(size + 3))
    path = merkle.consistency_path(size, size + 3, forged.lookup)
    assert not merkle.verify_consistency(size, size + 3, honest.root(size), forged.root(size + 3), path)


@given(st.integers(1, 200))
def test_the_frontier_covers_every_leaf_once(size):
    covered = [
        leaf
        for node in merkle.frontier_nodes(size)
        for leaf in range(node.position << node.level, node.position + 1 << node.level)
    ]
    assert covered == list(range(size))


@given(st.integers(1, 200), st.data())
def test_few_nodes_are_fetched_for_a_proof(size, data):
    leaf = data.draw(st.integers(0, size - 1))
    asked = merkle.needed(lambda lookup: merkle.inclusion_path(leaf, size, lookup))
    assert len(asked) <= 2 * size.bit_length()


@pytest.mark.parametrize(("leaf", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_path(leaf, size):
    with pytest.raises(merkle.ProofError):
        merkle.inclusion_path(leaf, size, {}.__getitem__)
