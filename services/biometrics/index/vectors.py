"""What every vector index promises."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class IndexKeyError(KeyError):
    """A key is added twice, or removed without being there."""


class VectorShapeError(ValueError):
    """A vector is not float (dimension,), finite and of unit norm."""


@dataclass(frozen=True)
class Hit:
    """One row of the gallery that is like the probe.

    Attributes:
        key: as it was added.
        similarity: cosine, -1..1.
    """

    key: str
    similarity: float


class VectorIndex(Protocol):
    """A gallery of unit vectors under opaque keys. Every method may be called from any thread.

    What `add` or `remove` has returned from is seen by every search that starts later. The index keeps nothing on
    disk: the database's table of vectors is the truth, and the index is rebuilt from it.
    """

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def __len__(self) -> int:
        """How many keys are in it."""

    def add(self, key: str, vector: NDArray[np.float32]) -> None:
        """Put a vector into the gallery.

        Args:
            key: opaque, not in the index yet.
            vector: float32 (dimension,), unit norm; copied.

        Raises:
            IndexKeyError: the key is there already.
            VectorShapeError: wrong shape, not finite, or not of unit norm.
        """

    def remove(self, key: str) -> None:
        """Take a key out of the gallery.

        Raises:
            IndexKeyError: the key is not there.
        """

    def search(self, probe: NDArray[np.float32], limit: int) -> list[Hit]:
        """The keys most similar to the probe.

        Args:
            probe: float32 (dimension,), unit norm.
            limit: how many at most; >= 1.

        Returns:
            At most `limit` hits of different keys, most similar first; nobody nearer is left out.

        Raises:
            VectorShapeError: as for add.
            ValueError: limit is under 1.
        """


def checked_vector(vector: NDArray[np.floating], dimension: int) -> NDArray[np.float32]:
    """The vector as float32 (dimension,), contiguous.

    Raises:
        VectorShapeError: wrong shape, not finite, or a norm off 1 by more than 1e-3.
    """
    row = np.ascontiguousarray(vector, dtype=np.float32)
    if row.shape != (dimension,):
        raise VectorShapeError(f"a vector is float32 ({dimension},)")
    # Written so that a NaN fails too.
    if not abs(float(np.dot(row, row)) - 1.0) <= 2e-3:
        raise VectorShapeError("a vector has unit norm")
    return row
