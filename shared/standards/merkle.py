"""Merkle trees of append-only logs, with their proofs. Source: RFC 9162, section 2.1.

A tree over n leaves is held as its *complete* subtrees: node (level, position) covers the leaves
position * 2**level up to (position + 1) * 2**level. Appending a leaf completes at most log2(n) + 1 of them, and every
hash that a root or a proof needs can be made from O(log n) of them.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of a log without entries (section 2.1.1)."""


class Node(NamedTuple):
    """The place of a complete subtree: it covers 2**level leaves."""

    level: int
    position: int


class ProofError(ValueError):
    """A proof is asked for of leaves that the tree does not have."""


Lookup = Callable[[Node], bytes]
"""Gives the hash of a complete subtree."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry (section 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees that stand side by side (section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def completed(size: int, leaf: bytes, frontier: Lookup) -> Iterator[tuple[Node, bytes]]:
    """The subtrees that a new leaf completes, itself first.

    Args:
        size: leaves before it.
        leaf: its hash.
        frontier: gives the complete subtrees of before.
    """
    node, digest = Node(0, size), leaf
    yield node, digest
    while node.position % 2:
        digest = node_hash(frontier(Node(node.level, node.position - 1)), digest)
        node = Node(node.level + 1, node.position // 2)
        yield node, digest


def frontier_nodes(size: int) -> list[Node]:
    """The largest complete subtrees of a tree, from the left: what the next leaves and the root are made of."""
    nodes, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            nodes.append(Node(level, start >> level))
            start += 1 << level
    return nodes


def root(size: int, lookup: Lookup) -> bytes:
    """The root of the first `size` leaves (section 2.1.1)."""
    return _hash(0, size, lookup) if size else EMPTY_ROOT


def inclusion_path(leaf: int, size: int, lookup: Lookup) -> list[bytes]:
    """The proof that leaf number `leaf`, counted from 0, is in the tree of the first `size` (section 2.1.3.1).

    Raises:
        ProofError: it is not.
    """
    if not 0 <= leaf < size:
        raise ProofError("the tree has no such leaf")
    return list(_path(leaf, 0, size, lookup))


def consistency_path(first: int, second: int, lookup: Lookup) -> list[bytes]:
    """The proof that the tree of `second` leaves began as that of `first` (section 2.1.4.1).

    Raises:
        ProofError: not 0 < first <= second.
    """
    if not 0 < first <= second:
        raise ProofError("the earlier tree has at least one leaf and no more than the later")
    return list(_subproof(first, 0, second, lookup, whole=True))


def needed(ask: Callable[[Lookup], object]) -> set[Node]:
    """The complete subtrees that a computation looks up, so that they can be fetched at once.

    Args:
        ask: calls `root`, `inclusion_path` or `consistency_path` with the lookup it is given.
    """
    asked: set[Node] = set()

    def note(node: Node) -> bytes:
        asked.add(node)
        return b""

    ask(note)
    return asked


def verify_inclusion(leaf: int, size: int, digest: bytes, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether a proof binds a leaf's hash into a root (section 2.1.3.2)."""
    if not 0 <= leaf < size:
        return False
    number, last, made = leaf, size - 1, digest
    for sibling in path:
        if not last:
            return False
        if number & 1 or number == last:
            made = node_hash(sibling, made)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            made = node_hash(made, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and made == expected


def verify_consistency(first: int, second: int, earlier: bytes, later: bytes, path: Sequence[bytes]) -> bool:
    """Whether a proof shows that one root grew out of another (section 2.1.4.2)."""
    if first == second:
        return not path and earlier == later
    if not 0 < first < second or not path:
        return False
    hashes = [earlier, *path] if first & (first - 1) == 0 else list(path)
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if not last:
            return False
        if number & 1 or number == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and old == earlier and new == later


def _split(size: int) -> int:
    """The largest power of two below size; size >= 2."""
    return 1 << (size - 1).bit_length() - 1


def _hash(start: int, end: int, lookup: Lookup) -> bytes:
    size = end - start
    if size & (size - 1) == 0:  # subtrees of the recursion begin at a multiple of their size
        level = size.bit_length() - 1
        return lookup(Node(level, start >> level))
    middle = start + _split(size)
    return node_hash(_hash(start, middle, lookup), _hash(middle, end, lookup))


def _path(leaf: int, start: int, end: int, lookup: Lookup) -> Iterator[bytes]:
    if end - start == 1:
        return
    middle = start + _split(end - start)
    if leaf < middle:
        yield from _path(leaf, start, middle, lookup)
        yield _hash(middle, end, lookup)
    else:
        yield from _path(leaf, middle, end, lookup)
        yield _hash(start, middle, lookup)


def _subproof(first: int, start: int, end: int, lookup: Lookup, *, whole: bool) -> Iterator[bytes]:
    if first == end:
        if not whole:
            yield _hash(start, end, lookup)
        return
    middle = start + _split(end - start)
    if first <= middle:
        yield from _subproof(first, start, middle, lookup, whole=whole)
        yield _hash(middle, end, lookup)
    else:
        yield from _subproof(first, middle, end, lookup, whole=False)
        yield _hash(start, middle, lookup)
