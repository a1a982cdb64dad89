"""The two kinds of storage behind the flat index: a small growing tail, and sealed faiss segments."""

import faiss
import numpy as np
from numpy.typing import NDArray

Scored = tuple[float, str]


class Tail:
    """The newest rows in a numpy array of fixed room.

    The writer fills row n and only then counts it, so that a search sees whole rows or none.
    """

    def __init__(self, room: int, dimension: int) -> None:
        """An empty tail."""
        self._vectors = np.empty((room, dimension), dtype=np.float32)
        self._alive = np.zeros(room, dtype=np.bool_)
        self._keys: list[str] = []

    def __len__(self) -> int:
        """Rows, with those struck out."""
        return len(self._keys)

    @property
    def full(self) -> bool:
        """Whether no row is left."""
        return len(self._keys) == len(self._vectors)

    def append(self, key: str, vector: NDArray[np.float32]) -> int:
        """Store a row; its number."""
        row = len(self._keys)
        self._vectors[row] = vector
        self._alive[row] = True
        self._keys.append(key)
        return row

    def strike(self, row: int) -> None:
        """Make later searches pass over a row."""
        self._alive[row] = False

    def living(self) -> tuple[list[str], NDArray[np.float32]]:
        """Keys and vectors of the rows not struck out."""
        rows = np.flatnonzero(self._alive[: len(self)])
        return [self._keys[row] for row in rows], self._vectors[rows]

    def best(self, probe: NDArray[np.float32], limit: int, rows: int) -> list[Scored]:
        """The most similar of the first `rows` rows, in any order."""
        scores = np.where(self._alive[:rows], self._vectors[:rows] @ probe, -np.inf)
        chosen = np.argpartition(scores, rows - limit)[rows - limit :] if rows > limit else np.arange(rows)
        return [(float(scores[row]), self._keys[row]) for row in chosen if scores[row] > -np.inf]


class Sealed:
    """Rows in a faiss index that is never added to: add and search at once on one faiss index crash."""

    def __init__(self, keys: list[str], vectors: NDArray[np.float32]) -> None:
        """Seal keys and their vectors, float32 (n, d), n >= 1."""
        self._keys = keys
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)
        self._alive = np.packbits(np.ones(len(keys), dtype=np.bool_), bitorder="little")
        self.struck = 0

    def __len__(self) -> int:
        """Rows, with those struck out."""
        return len(self._keys)

    def strike(self, row: int) -> None:
        """Make later searches pass over a row."""
        self._alive[row >> 3] &= ~np.uint8(1 << (row & 7))
        self.struck += 1

    def living(self) -> tuple[list[str], NDArray[np.float32]]:
        """Keys and vectors of the rows not struck out."""
        alive = np.unpackbits(self._alive, count=len(self), bitorder="little").astype(np.bool_)
        vectors = self._index.reconstruct_n(0, len(self))
        return [key for key, lives in zip(self._keys, alive, strict=True) if lives], vectors[alive]

    def best(self, probe: NDArray[np.float32], limit: int) -> list[Scored]:
        """The most similar rows, in any order."""
        chosen = None
        if self.struck:  # the selector costs faiss its fast path
            living = faiss.IDSelectorBitmap(len(self._alive), faiss.swig_ptr(self._alive))
            chosen = faiss.SearchParameters()
            chosen.sel = living
        scores, rows = self._index.search(probe[np.newaxis], min(limit, len(self)), params=chosen)
        found = zip(scores[0], rows[0], strict=True)
        return [(float(score), self._keys[row]) for score, row in found if row >= 0]
