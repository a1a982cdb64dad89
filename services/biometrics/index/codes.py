"""Four-bit codes of many rows: every row is scanned, at a fortieth of the cost, and none that matters is missed.

A product quantiser (H. Jégou, M. Douze, C. Schmid, TPAMI 2011) scanned in registers (faiss FastScan, after F. André,
A.-M. Kermarrec, N. Le Scouarnec, VLDB 2015) gives each row a score that is off from its similarity. How far is
measured on the rows themselves, which is what makes it possible to stop: see `CodedRun.reach`.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.index.blocks import Block, ExactScan, Floats, Rows
from services.biometrics.index.runtime import faiss

SLACK_SIGMAS: Final = 6.0
"""One mate in a billion at the very threshold is further off, if errors are normal; they were (measured)."""

_TRAINED_ON: Final = 20_000
_TRIED_ON: Final = 2_048
_TRIED_WITH: Final = 512
_STRUCK_GAIN: Final = 1e-6
_CENTROIDS: Final = 16
_NARROW: Final = 192


def subspaces(dimension: int) -> int | None:
    """Codes a vector: one for each dimension up to 192, else for 2; None when the dimension cannot be split so.

    Half as many are scanned in half the time, but say so little that up to ten times as many rows must be looked at to
    be sure of having everybody (measured).
    """
    width = 1 if dimension <= _NARROW else 2
    return dimension // width if dimension % (2 * width) == 0 else None


class Codebook:
    """Centroids trained on a gallery's own vectors."""

    def __init__(self, sample: Floats) -> None:
        """Train.

        Args:
            sample: float32 (n, dimension), unit norm, of all parts of the gallery; n >= 16.
        """
        faiss.omp_set_num_threads(1)
        self.mean: Floats = sample.mean(axis=0)
        dimension = sample.shape[1]
        self._quantiser = faiss.ProductQuantizer(dimension, subspaces(dimension) or dimension, 4)
        self._quantiser.cp.min_points_per_centroid = 1  # a small gallery is no reason to warn
        self._quantiser.train(np.ascontiguousarray(sample - self.mean))

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> "Codebook":
        """Trained on rows drawn evenly from blocks."""
        each = max(_CENTROIDS, _TRAINED_ON // len(blocks))
        drawn = [block.vectors[: len(block) : max(1, len(block) // each)] for block in blocks]
        sample = np.concatenate(drawn)
        return cls(np.ascontiguousarray(sample[np.einsum("ij,ij->i", sample, sample) > 0.5]))  # not the struck

    def encode(self, vectors: Floats) -> tuple[NDArray[np.uint8], Floats]:
        """Codes, uint8 (n, bytes), and what share of its own length each vector keeps, float32 (n,)."""
        faiss.omp_set_num_threads(1)
        codes = self._quantiser.compute_codes(np.ascontiguousarray(vectors - self.mean))
        kept = self._quantiser.decode(codes) + self.mean  # type: ignore[call-arg,func-returns-value,operator]  # the stubs know the C++ signature only
        return codes, np.einsum("ij,ij->i", kept, vectors)

    def packed(self, codes: NDArray[np.uint8]) -> "faiss.IndexPQFastScan":
        """Codes laid out for scanning."""
        plain = faiss.IndexPQ(self._quantiser.d, self._quantiser.M, 4, faiss.METRIC_INNER_PRODUCT)
        plain.pq, plain.is_trained = self._quantiser, True
        plain.add_sa_codes(codes)
        return faiss.IndexPQFastScan(plain)  # type: ignore[arg-type]  # as decode


class CodedRun:
    """Blocks whose codes lie side by side; never added to.

    With v a row, c what its code stands for, p a probe: p = s v + t u, where s is the similarity, u is at right angles
    to v and t < 1. So the score <p, c> = s g + t <u, c> with g = <v, c>, the row's gain, known when it is coded. What
    is left, <u, c>, is measured over pairs of the run's own rows, with the rounding of the scan's tables in it.
    """

    def __init__(self, blocks: Sequence[Block], book: Codebook) -> None:
        """Code all rows of some blocks that are no longer added to."""
        self.blocks = tuple(blocks)
        self.book = book
        self._starts = [0, *accumulate(len(block) for block in self.blocks)]
        coded = [book.encode(block.vectors[: len(block)]) for block in self.blocks]
        gains = np.concatenate([gain for _, gain in coded])
        self._index = book.packed(np.concatenate([codes for codes, _ in coded]))
        living = gains[gains > _STRUCK_GAIN]
        self._gain, self._spread = (float(living.mean()), float(living.std())) if len(living) else (1.0, 0.0)
        odd = (gains < self._gain - SLACK_SIGMAS * self._spread) & (gains > _STRUCK_GAIN)
        self._apart: Rows = np.flatnonzero(odd)
        self._bias, self._noise = self._measured_noise()

    def __len__(self) -> int:
        """Rows, with those struck out."""
        return self._starts[-1]

    @property
    def struck(self) -> int:
        """How many rows are struck out."""
        return sum(block.struck for block in self.blocks)

    @property
    def code_bytes(self) -> int:
        """Memory of the codes."""
        return int(self._index.codes.size())

    def reach(self, similarity: float) -> float:
        """The score that nobody of at least this similarity stays below, but for `nearest`'s rows apart."""
        slack = SLACK_SIGMAS * float(np.hypot(self._noise, similarity * self._spread))
        return similarity * self._gain - self._bias - slack

    def nearest(self, probes: Floats, count: int) -> tuple[Floats, Rows]:
        """The best by score, best first: float32 and int64 (q, count); then rows of odd gain, as good as the best."""
        faiss.omp_set_num_threads(1)
        scores, rows = self._index.search(probes, count)
        scores = scores + (probes @ self.book.mean)[:, np.newaxis]
        if not len(self._apart):
            return scores, rows
        apart = np.broadcast_to(self._apart, (len(probes), len(self._apart)))
        return np.hstack([np.full(apart.shape, np.inf, np.float32), scores]), np.hstack([apart, rows])

    def vectors_at(self, rows: Rows) -> Floats:
        """Vectors of some rows, as a copy."""
        found = np.empty((len(rows), self.blocks[0].vectors.shape[1]), dtype=np.float32)
        for block, places, inside in self._by_block(rows):
            found[places] = block.vectors[inside]
        return found

    def keys_at(self, rows: Rows) -> list[str]:
        """Keys of some rows; "" where struck out by now."""
        found = [""] * len(rows)
        for block, places, inside in self._by_block(rows):
            for place, key in zip(places.tolist(), block.keys_at(inside.tolist()), strict=True):
                found[place] = key
        return found

    def exact_parts(self) -> list[ExactScan]:
        """All rows, for an exact scan."""
        return [ExactScan(block, len(block)) for block in self.blocks]

    def _by_block(self, rows: Rows) -> list[tuple[Block, Rows, Rows]]:
        numbers = np.searchsorted(self._starts, rows, side="right") - 1
        order = np.argsort(numbers, kind="stable")
        edges = np.flatnonzero(np.diff(numbers[order])) + 1
        parts = np.split(order, edges) if len(rows) else []
        return [
            (self.blocks[number], places, rows[places] - self._starts[number])
            for places in parts
            for number in [int(numbers[places[0]])]
        ]

    def _measured_noise(self) -> tuple[float, float]:
        """Mean and standard deviation of how far the score of a row is off s g."""
        step = max(1, len(self) // _TRIED_ON)
        rows = self.vectors_at(np.arange(0, len(self), step, dtype=np.int64)[:_TRIED_ON])
        rows = np.ascontiguousarray(rows[np.einsum("ij,ij->i", rows, rows) > 0.5])
        if not len(rows):  # everybody was removed meanwhile
            return np.inf, np.inf
        codes, gains = self.book.encode(rows)
        probes = np.ascontiguousarray(rows[:: max(1, len(rows) // _TRIED_WITH)])
        scores, places = self.book.packed(codes).search(probes, len(rows))
        similarities = np.take_along_axis(probes @ rows.T, places, 1)
        off = scores + (probes @ self.book.mean)[:, np.newaxis] - similarities * gains[places]
        off = off[similarities < 0.999]  # a row and itself
        return (abs(float(off.mean())), float(off.std())) if off.size else (np.inf, np.inf)
