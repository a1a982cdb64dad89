"""What every vector index promises."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

ANY_SIMILARITY: Final = -2.0
"""A floor that every cosine is above."""


class IndexKeyError(KeyError):
    """A key is added twice, or asked for or removed without being there; nothing was changed."""


class VectorShapeError(ValueError):
    """Vectors are not float (n, dimension), finite and of unit norm."""


class IndexUnavailableError(Exception):
    """An index kept elsewhere does not answer, or not in time."""


@dataclass(frozen=True)
class Hit:
    """One row of the gallery that is like the probe.

    Attributes:
        key: as it was added.
        similarity: cosine, -1..1, of the stored vector itself, however it was found.
    """

    key: str
    similarity: float


@dataclass(frozen=True)
class IndexStats:
    """What an index holds, and where.

    Attributes:
        rows: keys that are found.
        tombstones: rows removed, whose room is not free yet.
        vector_bytes: raw vectors held open in memory by this process; 0 where they are mapped from a file or elsewhere.
        code_bytes: codes held open in memory by this process.
        mapped_bytes: raw vectors mapped from files.
        disk_bytes: of snapshot files of this index.
        search: the kind of search in use, such as `exact` or `codes, rescored`.
    """

    rows: int
    tombstones: int
    vector_bytes: int
    code_bytes: int
    mapped_bytes: int
    disk_bytes: int
    search: str


class VectorIndex(Protocol):
    """One gallery of unit vectors of one model, under opaque keys. Every method may be called from any thread.

    What `add` or `remove` has returned from is seen by every search that starts later. The database's table of vectors
    is the truth; an index can always be made again from it.
    """

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def __len__(self) -> int:
        """How many keys are in it."""

    def keys(self) -> Iterable[str]:
        """All keys at one moment, in no order."""

    def vectors(self, keys: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of some keys: float32 (n, dimension), as they were added.

        Raises:
            IndexKeyError: a key is not there.
        """

    def add(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Put vectors into the gallery; all of them or, when it raises, none.

        Args:
            keys: n opaque ones, of at most 64 characters, none in the index yet, none twice.
            vectors: float32 (n, dimension), unit norm; copied.

        Raises:
            IndexKeyError: a key is there already, or twice among these.
            VectorShapeError: wrong shape, not finite, or not of unit norm.
            IndexUnavailableError: the index is elsewhere and does not answer.
        """

    def remove(self, keys: Sequence[str]) -> None:
        """Take keys out of the gallery; all of them or, when it raises, none.

        Raises:
            IndexKeyError: a key is not there, or is given twice.
            IndexUnavailableError: the index is elsewhere and does not answer.
        """

    def search(self, probes: NDArray[np.float32], limit: int, floor: float = ANY_SIMILARITY) -> list[list[Hit]]:
        """The keys most similar to each probe; nobody nearer is left out.

        Args:
            probes: float32 (q, dimension), unit norm.
            limit: how many at most for each; >= 1.
            floor: nobody below it is answered. The higher it is, the less work it is to be sure.

        Returns:
            For each probe at most `limit` hits of different keys, most similar first, ties by key.

        Raises:
            VectorShapeError: as for add.
            ValueError: limit is under 1.
            IndexUnavailableError: the index is elsewhere and does not answer.
        """

    def search_at(self, probes: NDArray[np.float32], threshold: float) -> list[list[Hit]]:
        """Everybody whose similarity to a probe is at or above the threshold; nobody is lost.

        Args:
            probes: float32 (q, dimension), unit norm.
            threshold: cosine.

        Returns:
            For each probe hits of different keys, most similar first, ties by key.

        Raises:
            VectorShapeError: as for add.
            IndexUnavailableError: the index is elsewhere and does not answer.
        """

    def snapshot(self) -> None:
        """Keep what is in the index where it outlives the process, as far as it does not already.

        Afterwards nothing that was removed before is left in what this index keeps on disk.

        Raises:
            OSError: the disk is full or fails; what was kept before is still there.
        """

    def stats(self) -> IndexStats:
        """What it holds, and where."""

    def close(self) -> None:
        """End what works in the background. Nothing is kept that `snapshot` has not kept."""


def checked_vectors(vectors: NDArray[np.floating], dimension: int) -> NDArray[np.float32]:
    """The vectors as float32 (n, dimension), contiguous.

    Raises:
        VectorShapeError: wrong shape, not finite, or a norm off 1 by more than 1e-3.
    """
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise VectorShapeError(f"vectors are float32 (n, {dimension})")
    squares = np.einsum("ij,ij->i", rows, rows)
    if not np.all(np.abs(squares - 1.0) <= 2e-3):  # written so that a NaN fails too
        raise VectorShapeError("a vector has unit norm")
    return rows


def checked_keys(keys: Sequence[str], count: int) -> None:
    """Refuse keys that are not one a vector, or of which one is given twice.

    Raises:
        IndexKeyError: a key twice.
        VectorShapeError: more or fewer keys than vectors.
    """
    if len(keys) != count:
        raise VectorShapeError("one key a vector")
    if len(set(keys)) != len(keys):
        raise IndexKeyError("a key is given twice")
