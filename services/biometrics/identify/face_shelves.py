"""Face vectors by gallery and model: one index each, and the only place that holds the vectors open."""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.biometrics.index import EmbeddedIndex, Hit, IndexKeyError, VectorIndex
from services.biometrics.templates.features import FaceFeatures


class FaceShelf(NamedTuple):
    """Vectors of one gallery and one model: what is compared with one another."""

    gallery: str
    model_id: str


SNAPSHOTS: Final = "index-snapshots"
"""Purpose of the key that seals what indexes keep."""

OpenIndex = Callable[[FaceShelf, int], VectorIndex]
"""Gives the index of a shelf, by its vectors' dimension, with what was kept of it."""


def in_memory(_shelf: FaceShelf, dimension: int) -> VectorIndex:
    """An empty index that keeps nothing."""
    return EmbeddedIndex(dimension)


_NOBODY: Final[frozenset[str]] = frozenset()


class FaceShelves:
    """All face indexes. What an index had kept is taken as it is when the table has it too, and else taken out."""

    def __init__(self, open_index: OpenIndex = in_memory) -> None:
        """Nothing is opened until a face comes.

        Args:
            open_index: gives a shelf's index.
        """
        self._open = open_index
        self._lock = Lock()
        self._indexes: dict[FaceShelf, VectorIndex] = {}
        self._unclaimed: dict[FaceShelf, set[str]] = {}

    def has_kept(self, galleries: Iterable[str], model_id: str, key: str) -> bool:
        """Whether the vector of an item was kept by the indexes of all these galleries, so that none is to be read."""
        return all(key in self._unclaimed.get(FaceShelf(gallery, model_id), _NOBODY) for gallery in galleries)

    def add(self, shelf: FaceShelf, faces: Mapping[str, FaceFeatures]) -> None:
        """Let searches find faces, by item key."""
        index = self._index(shelf, next(iter(faces.values())))
        kept = self._unclaimed.get(shelf, set())
        new = [key for key in faces if key not in kept]
        kept.difference_update(faces)
        if new:
            index.add(new, np.stack([faces[key].vector for key in new]))

    def remove(self, shelf: FaceShelf, keys: Iterable[str]) -> None:
        """Let no search find faces."""
        self._indexes[shelf].remove(list(keys))

    def complete(self) -> None:
        """Say that every face of the table was added: what else was kept is taken out."""
        for shelf, keys in self._unclaimed.items():
            if keys:
                self._indexes[shelf].remove(list(keys))
        self._unclaimed = {}

    def nearest(self, shelf: FaceShelf, vector: NDArray[np.float32], limit: int, floor: float) -> list[Hit]:
        """The faces of a shelf that are most like a probe, and at least so much."""
        return self._indexes[shelf].search(vector[np.newaxis], limit, floor)[0]

    def face(self, shelf: FaceShelf, key: str) -> FaceFeatures | None:
        """A face with its vector; None when it has just been removed."""
        try:
            return FaceFeatures(shelf.model_id, self._indexes[shelf].vectors([key])[0])
        except IndexKeyError:
            return None

    def shelves(self) -> dict[FaceShelf, VectorIndex]:
        """All indexes at this moment."""
        with self._lock:
            return dict(self._indexes)

    def _index(self, shelf: FaceShelf, face: FaceFeatures) -> VectorIndex:
        with self._lock:
            if shelf not in self._indexes:
                index = self._open(shelf, len(face.vector))
                self._unclaimed[shelf] = set(index.keys())
                self._indexes[shelf] = index
            return self._indexes[shelf]
