"""Exact search that never waits for a writer."""

import heapq
import threading
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from services.biometrics.index.segments import Scored, Sealed, Tail
from services.biometrics.index.vectors import Hit, IndexKeyError, checked_vector

TAIL_ROWS = 4096
LARGEST_MERGED_ROWS = 131_072
STRUCK_SHARE = 0.3


@dataclass(frozen=True)
class _State:
    """What one search sees; replaced as a whole, by reference."""

    sealed: tuple[Sealed, ...]
    tail: Tail


class FlatIndex:
    """Every vector compared with every probe: sealed faiss segments and one small tail.

    A full tail is sealed; neighbours of similar size are merged, so that n rows are copied O(log n) times and lie
    in few segments; a segment of which over 30 % is struck out is rewritten. One lock orders the writers. A search
    takes no lock: it reads the state once and scans what it holds, while faiss lets go of the interpreter.
    """

    def __init__(self, dimension: int, tail_rows: int = TAIL_ROWS) -> None:
        """An empty index.

        Args:
            dimension: length of a vector.
            tail_rows: how many rows stay in the tail before they are sealed.
        """
        self._dimension = dimension
        self._tail_rows = tail_rows
        self._writer = threading.Lock()
        self._state = _State((), Tail(tail_rows, dimension))
        self._places: dict[str, tuple[Sealed | Tail, int]] = {}

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def __len__(self) -> int:
        """How many keys are in it."""
        return len(self._places)

    def add(self, key: str, vector: NDArray[np.float32]) -> None:
        """Put a vector into the gallery; see VectorIndex.add."""
        row = checked_vector(vector, self._dimension)
        with self._writer:
            if key in self._places:
                raise IndexKeyError("the key is in the index already")
            if self._state.tail.full:
                self._seal_tail()
            tail = self._state.tail
            self._places[key] = (tail, tail.append(key, row))

    def remove(self, key: str) -> None:
        """Take a key out of the gallery; see VectorIndex.remove."""
        with self._writer:
            if key not in self._places:
                raise IndexKeyError("the key is not in the index")
            segment, row = self._places.pop(key)
            segment.strike(row)
            if isinstance(segment, Sealed) and segment.struck > STRUCK_SHARE * len(segment):
                self._replace(self._state.sealed, [segment])

    def search(self, probe: NDArray[np.float32], limit: int) -> list[Hit]:
        """The keys most similar to the probe; see VectorIndex.search."""
        if limit < 1:
            raise ValueError("limit is at least 1")
        probe = checked_vector(probe, self._dimension)
        state = self._state
        # The tail's length is read before anything is scanned: a key removed and added again meanwhile is then
        # struck out where it was before it could be seen where it is now, and never found twice.
        rows = len(state.tail)
        faiss.omp_set_num_threads(1)
        found: list[Scored] = state.tail.best(probe, limit, rows)
        for segment in state.sealed:
            found += segment.best(probe, limit)
        nearest = heapq.nsmallest(limit, found, key=lambda scored: (-scored[0], scored[1]))
        return [Hit(key, min(max(score, -1.0), 1.0)) for score, key in nearest]

    def _seal_tail(self) -> None:
        keys, vectors = self._state.tail.living()
        sealed = self._state.sealed
        if keys:
            sealed += (self._placed(keys, vectors),)
        self._state = _State(sealed, Tail(self._tail_rows, self._dimension))
        self._merge_neighbours()

    def _merge_neighbours(self) -> None:
        while len(self._state.sealed) > 1:
            *_, before, last = self._state.sealed
            if len(before) >= 2 * len(last) or len(before) + len(last) > LARGEST_MERGED_ROWS:
                return
            self._replace(self._state.sealed, [before, last])

    def _replace(self, sealed: tuple[Sealed, ...], old: list[Sealed]) -> None:
        """One new segment with the living rows of some old ones, at the place of the first."""
        living = [segment.living() for segment in old]
        keys = [key for part, _ in living for key in part]
        new = [self._placed(keys, np.concatenate([vectors for _, vectors in living]))] if keys else []
        at = sealed.index(old[0])
        kept = [segment for segment in sealed if segment not in old]
        self._state = _State((*kept[:at], *new, *kept[at:]), self._state.tail)

    def _placed(self, keys: list[str], vectors: NDArray[np.float32]) -> Sealed:
        segment = Sealed(keys, vectors)
        self._places.update((key, (segment, row)) for row, key in enumerate(keys))
        return segment
