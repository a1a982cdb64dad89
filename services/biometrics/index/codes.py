"""Codes of many rows: every row is scanned, at a twentieth of the cost, and none that matters is missed."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import numpy as np

from services.biometrics.index.blocks import Block, ExactScan, Floats, Rows
from services.biometrics.index.grid import Grid
from services.biometrics.index.runtime import faiss

_SAMPLE: Final = 16_384
_HALF: Final = 0.5
"""The squared norm that parts rows from those struck out."""


class CodedRun:
    """Blocks whose codes lie side by side on a grid of their own; never added to."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        """Code all rows of some blocks that are no longer added to."""
        self.blocks = tuple(blocks)
        self._starts = np.array([0, *accumulate(len(block) for block in self.blocks)])
        self._grid = Grid(_sample(self.blocks), np.random.default_rng())
        self._index, self._apart = self._coded()

    def __len__(self) -> int:
        """Rows, with those struck out."""
        return int(self._starts[-1])

    @property
    def struck(self) -> int:
        """How many rows are struck out."""
        return sum(block.struck for block in self.blocks)

    @property
    def code_bytes(self) -> int:
        """Memory of the codes."""
        return int(self._index.codes.size())

    def nearest(self, probes: Floats, count: int) -> tuple[Floats, Rows]:
        """Rows that no others exceed in what their similarity is at most: that, best first, and the rows.

        Rows too far out for a code come with all of them, as if like any probe.
        """
        faiss.omp_set_num_threads(1)
        tables = self._grid.tables(probes)
        sums, rows = self._index.search(tables.entries, count)
        bounds = (sums * tables.unit[:, np.newaxis] + tables.base[:, np.newaxis]).astype(np.float32)
        apart = np.broadcast_to(self._apart, (len(probes), len(self._apart)))
        return np.hstack([np.full(apart.shape, np.inf, np.float32), bounds]), np.hstack([apart, rows])

    def vectors_at(self, rows: Rows) -> Floats:
        """Vectors of some rows, in ascending order, as a copy."""
        found = np.empty((len(rows), self.blocks[0].vectors.shape[1]), dtype=np.float32)
        edges = np.searchsorted(rows, self._starts).tolist()
        for block, start, first, last in zip(self.blocks, self._starts.tolist(), edges, edges[1:], strict=False):
            if first < last:
                block.vectors.take(rows[first:last] - start, axis=0, out=found[first:last], mode="clip")
        return found

    def keys_at(self, rows: Rows) -> list[str]:
        """Keys of some rows; "" where struck out by now."""
        numbers = np.searchsorted(self._starts, rows, side="right") - 1
        inside = rows - self._starts[numbers]
        return [self.blocks[number].key(row) for number, row in zip(numbers.tolist(), inside.tolist(), strict=True)]

    def exact_parts(self) -> list[ExactScan]:
        """All rows, for an exact scan."""
        return [ExactScan(block, len(block)) for block in self.blocks]

    def _coded(self) -> "tuple[faiss.IndexPQFastScan, Rows]":
        """Codes of all rows, laid out for scanning; and who is too far out for one."""
        grid = self._grid
        plain = faiss.IndexPQ(16 * grid.lookups, grid.lookups, 4, faiss.METRIC_INNER_PRODUCT)
        # Centroids that are the axes themselves let us give faiss the table in place of a probe.
        centroids = np.tile(np.eye(16, dtype=np.float32), (grid.lookups, 1))
        faiss.copy_array_to_vector(centroids.ravel(), plain.pq.centroids)
        plain.is_trained = True
        out = []
        for block in self.blocks:
            vectors = block.vectors[: len(block)]
            codes, far = grid.encode(vectors)
            out.append(far & (np.einsum("ij,ij->i", vectors, vectors) > _HALF))  # who is struck out is far out too
            plain.add_sa_codes(codes)
        scanned = faiss.IndexPQFastScan(plain)  # type: ignore[arg-type]  # the stubs know the C++ signature only
        return scanned, np.flatnonzero(np.concatenate(out))


def _sample(blocks: Sequence[Block]) -> Floats:
    """Rows drawn evenly from blocks, without those struck out."""
    step = max(1, sum(len(block) for block in blocks) // _SAMPLE)
    sample = np.concatenate([block.vectors[: len(block) : step] for block in blocks])
    living: Floats = sample[np.einsum("ij,ij->i", sample, sample) > _HALF]
    return living if len(living) else np.eye(1, sample.shape[1], dtype=np.float32)  # all were removed meanwhile
