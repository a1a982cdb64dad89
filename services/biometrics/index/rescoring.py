"""Exact answers from bounds: more candidates, until nobody who was not looked at can matter."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from services.biometrics.index.blocks import ExactScan, Floats, Rows, rounding

FIRST_CANDIDATES: Final = 512
_FIRST_SHARE: Final = 256
"""A second scan costs more than a longer list of the first (measured); only rows within reach are looked at."""
_GROWTH: Final = 8
_EXACT_FROM: Final = 16
"""When a sixteenth of all rows are candidates, scanning them all is quicker."""


class Source(Protocol):
    """Rows that can be searched by what their similarity is at most."""

    def __len__(self) -> int:
        """Rows, with those struck out."""

    def nearest(self, probes: Floats, count: int) -> tuple[Floats, Rows]:
        """What the similarity of rows is at most, and the rows, best first: float32 and int64 (q, count or more).

        Nobody who is left out has a higher bound.
        """

    def vectors_at(self, rows: Rows) -> Floats:
        """Vectors of some rows, given in ascending order."""

    def keys_at(self, rows: Rows) -> list[str]:
        """Keys of some rows; "" where struck out by now."""

    def exact_parts(self) -> list[ExactScan]:
        """All rows, for an exact scan."""


class Best(NamedTuple):
    """Who was found so far for one probe: similarities, float64 (n,), best first, and their keys."""

    similarities: NDArray[np.float64]
    keys: list[str]

    def bar(self, limit: int | None, floor: float) -> float:
        """The similarity below which nobody can matter any more."""
        full = limit is not None and len(self.keys) >= limit
        return max(floor, float(self.similarities[limit - 1])) if full and limit else floor

    def with_more(self, similarities: NDArray[np.float64], keys: list[str], limit: int | None, floor: float) -> "Best":
        """The best of both, ties by key."""
        every = [*zip(self.similarities.tolist(), self.keys, strict=True)]
        every += [(s, key) for s, key in zip(similarities.tolist(), keys, strict=True) if key and s >= floor]
        every = sorted(every, key=lambda each: (-each[0], each[1]))[:limit]
        return Best(np.array([s for s, _ in every], dtype=np.float64), [key for _, key in every])


NOBODY: Final = Best(np.empty(0), [])


def search_source(source: Source, probes: Floats, limit: int | None, floor: float, best: Sequence[Best]) -> list[Best]:
    """Everybody of a source who is among the best of each probe, and at or above the floor.

    Args:
        source: where.
        probes: float32 (q, dimension).
        limit: how many for each probe; None: all at or above the floor.
        floor: similarity.
        best: of the sources before, one a probe.

    Returns:
        The same with those of this source.
    """
    found = list(best)
    pending = list(range(len(probes)))
    exact = isinstance(source, ExactScan)
    count = max(FIRST_CANDIDATES, 2 * (limit or 0), len(source) // _FIRST_SHARE)
    most = len(source) // (1 if exact else _EXACT_FROM)
    while pending and (exact or count <= most):
        count = min(count, most)
        bounds, rows = source.nearest(probes[pending], count)
        asked, pending = pending, []
        for place, bound, candidates in zip(asked, bounds, rows, strict=True):
            more = _worth_it(source, probes[place], bound, candidates, limit, floor, best[place])
            if count == len(source) or bound[-1] < more.bar(limit, floor):
                found[place] = more
            else:
                pending.append(place)
        count *= _GROWTH
    for part in source.exact_parts() if pending else ():
        for place, more in zip(pending, _of(part, pending, probes, limit, floor, found), strict=True):
            found[place] = more
    return found


def _worth_it(
    source: Source, probe: Floats, bounds: Floats, candidates: Rows, limit: int | None, floor: float, best: Best
) -> Best:
    """The best so far with all candidates within reach: the likeliest first, which puts most others out of reach."""
    few = len(candidates) if limit is None else 2 * limit
    lead = np.unique(candidates[:few][bounds[:few] >= best.bar(limit, floor)])
    more = _rescored(source, probe, lead, limit, floor, best)
    others = np.unique(candidates[few:][bounds[few:] >= more.bar(limit, floor)])
    others = np.setdiff1d(others, lead, assume_unique=True)
    return _rescored(source, probe, others, limit, floor, more) if len(others) else more


def _of(
    part: ExactScan, places: list[int], probes: Floats, limit: int | None, floor: float, best: list[Best]
) -> list[Best]:
    return search_source(part, probes[places], limit, floor, [best[place] for place in places])


def _rescored(source: Source, probe: Floats, rows: Rows, limit: int | None, floor: float, best: Best) -> Best:
    """The best so far with those of some rows, by similarities in double precision."""
    vectors = source.vectors_at(rows)
    roughly = vectors @ probe
    bar = best.bar(limit, floor)
    near = np.flatnonzero(roughly >= bar - 2 * rounding(len(probe)))
    keys = source.keys_at(rows[near])  # read after the vectors: what has a key now was not forgotten then
    living = [place for place, key in enumerate(keys) if key]
    if limit is not None and limit < len(living):
        bar = max(bar, float(np.partition(roughly[near[living]], -limit)[-limit]))
    living = [place for place in living if roughly[near[place]] >= bar - 2 * rounding(len(probe))]
    similarities = vectors[near[living]].astype(np.float64) @ probe.astype(np.float64)
    return best.with_more(similarities, [keys[place] for place in living], limit, floor)
