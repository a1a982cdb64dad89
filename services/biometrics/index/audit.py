"""Whether the way that searches go finds everybody that comparing all with all finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.index.blocks import Floats, rounding
from services.biometrics.index.vectors import VectorIndex

_PROBES: Final = 512
"""Compared in one pass over all vectors: where these are on a server, a pass is what takes the time."""
_SEARCHED: Final = 32
_ROWS: Final = 8192
_ABOVE: Final = 0.02
"""How far above the threshold a moved vector is at most: where an approximate search loses people first."""


@dataclass(frozen=True)
class IndexAudit:
    """What was compared, and whom the index lost.

    Attributes:
        rows: in the index when it began.
        probes: searched both ways.
        mates: hits that comparing all with all gave.
        lost: keys of those that the index did not give.
    """

    rows: int
    probes: int
    mates: int
    lost: tuple[str, ...]


def audit_index(index: VectorIndex, threshold: float, sample: int, random: np.random.Generator) -> IndexAudit:
    """Search with a sample of the index's own vectors, as they are and moved away to just above the threshold.

    A key counts as lost when it was in the index before and after the search and the search did not give it.

    Args:
        index: the live one; others may write to it meanwhile.
        threshold: similarity.
        sample: how many vectors to draw.
        random: draws.
    """
    keys = sorted(index.keys())
    drawn = [keys[place] for place in random.permutation(len(keys))[:sample].tolist()]
    probes, mates, lost = 0, 0, set[str]()
    for start in range(0, len(drawn), _PROBES // 2):
        vectors = _present(index, drawn[start : start + _PROBES // 2])[1]
        if not len(vectors):
            continue
        asked = np.concatenate([vectors, _moved(vectors, threshold, random)])
        wanted = _compared_with_all(index, keys, asked, threshold)
        parts = range(0, len(asked), _SEARCHED)
        answers = [hits for part in parts for hits in index.search_at(asked[part : part + _SEARCHED], threshold)]
        missing = set[str]().union(
            *(each - {hit.key for hit in hits} for each, hits in zip(wanted, answers, strict=True))
        )
        lost |= set(_present(index, sorted(missing))[0])
        probes, mates = probes + len(asked), mates + sum(len(each) for each in wanted)
    return IndexAudit(len(keys), probes, mates, tuple(sorted(lost)))


def _compared_with_all(index: VectorIndex, keys: Sequence[str], probes: Floats, threshold: float) -> list[set[str]]:
    sure = threshold + rounding(index.dimension)
    found: list[set[str]] = [set() for _ in probes]
    for start in range(0, len(keys), _ROWS):
        some, vectors = _present(index, keys[start : start + _ROWS])
        for probe, row in np.argwhere(probes @ vectors.T >= sure).tolist():
            found[probe].add(some[row])
    return found


def _present(index: VectorIndex, keys: Sequence[str]) -> tuple[list[str], Floats]:
    """Keys that are still in the index, with their vectors."""
    try:
        return list(keys), index.vectors(keys)
    except KeyError:
        there = set(index.keys())
        left = [key for key in keys if key in there]
        return _present(index, left) if len(left) < len(keys) else ([], np.empty((0, index.dimension), np.float32))


def _moved(vectors: Floats, threshold: float, random: np.random.Generator) -> Floats:
    """Each vector turned, in a direction at random, until its similarity is just above the threshold."""
    away = random.standard_normal(vectors.shape)
    away -= np.sum(away * vectors, axis=1, keepdims=True) * vectors
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    similarity: NDArray[np.float64] = np.minimum(threshold + _ABOVE * random.random((len(vectors), 1)), 1.0)
    turned: NDArray[np.float64] = similarity * vectors + np.sqrt(1 - similarity**2) * away
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    return turned.astype(np.float32)
