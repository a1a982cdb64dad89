"""Brings an index to what the table says, and looks whether it answers as the table would."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.biometrics.encounters.enrolled import EnrolledEncounter
from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.index import VectorIndex
from services.biometrics.templates.features import FaceFeatures

Floats = NDArray[np.float32]

_PROBES: Final = 32
_HITS: Final = 10
_CLOSE: Final = 1e-5


class Shelf(NamedTuple):
    """Which index: a gallery's vectors of one model."""

    gallery: str
    model_id: str
    dimension: int


@dataclass
class Moved:
    """What was done with one index, and what was found when it was compared with the table.

    Attributes:
        rows: faces in the table.
        added: that were not there, or were another's.
        removed: that were there and are not in the table.
        counted: faces in the index afterwards.
        sampled: probes that were searched in the index and compared with every face of the table.
        differing: those of them whose ten best were not the same.
    """

    rows: int = 0
    added: int = 0
    removed: int = 0
    counted: int = 0
    sampled: int = 0
    differing: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing is missing, too much, or answered otherwise."""
        return self.counted == self.rows and self.differing == 0


@dataclass
class _Target:
    """An index that is being brought up."""

    index: VectorIndex
    before: set[str]
    moved: Moved = field(default_factory=Moved)
    seen: set[str] = field(default_factory=set)
    probes: list[Floats] = field(default_factory=list)
    best: Floats = field(default_factory=lambda: np.empty((0, 0), dtype=np.float32))

    def take(self, keys: list[str], vectors: Floats) -> None:
        """Put in what is not there as the table has it."""
        self.seen.update(keys)
        there = [place for place, key in enumerate(keys) if key in self.before]
        stored = self.index.vectors([keys[place] for place in there])
        same = {place for place, row in zip(there, stored, strict=True) if np.array_equal(row, vectors[place])}
        self._drop([keys[place] for place in there if place not in same])
        new = [place for place in range(len(keys)) if place not in same]
        if new:
            self.index.add([keys[place] for place in new], vectors[new])
        self.moved.added += len(new)
        if len(self.probes) < _PROBES:
            self.probes.append(vectors[0])

    def finish(self) -> None:
        """Take out what the table does not have."""
        surplus = sorted(self.before - self.seen)
        self._drop(surplus)
        self.index.snapshot()
        self.moved.removed, self.moved.rows, self.moved.counted = len(surplus), len(self.seen), len(self.index)
        self.best = np.full((len(self.probes), _HITS), -2.0, dtype=np.float32)

    def compare(self, vectors: Floats) -> None:
        """Remember the best similarities of the sample's probes among these vectors too."""
        every = np.concatenate([self.best, np.stack(self.probes) @ vectors.T], axis=1)
        self.best = -np.sort(-every, axis=1)[:, :_HITS]

    def judge(self) -> Moved:
        """Whether the index answers what the table would."""
        for hits, best in zip(self.index.search(np.stack(self.probes), _HITS), self.best, strict=True):
            found = np.full(_HITS, -2.0)
            found[: len(hits)] = [hit.similarity for hit in hits]
            self.moved.differing += not np.allclose(found, best, atol=_CLOSE)
        self.moved.sampled = len(self.probes)
        return self.moved

    def _drop(self, keys: list[str]) -> None:
        if keys:
            self.index.remove(keys)


class IndexMigration:
    """Fills indexes from the table. Stopped half-way it goes on where it was: what is there already is left alone.

    Made while nobody writes to these indexes: for another engine than the one in use, or with the service stopped.

    Args:
        reader: of the table; reads the models that are to be searched.
        open_index: gives the index of a shelf.
        tell: is told how many encounters were taken over so far.
    """

    def __init__(
        self, reader: EncounterReader, open_index: Callable[[Shelf], VectorIndex], tell: Callable[[int], None]
    ) -> None:
        self._reader = reader
        self._open_index = open_index
        self._tell = tell
        self._targets: dict[Shelf, _Target] = {}

    async def run(self) -> dict[Shelf, Moved]:
        """Fill, compare, close.

        Raises:
            IndexUnavailableError: an index is elsewhere and does not answer; run it again.
            SealingError: a template of the table was altered.
        """
        try:
            async for shelf, keys, vectors in self._faces():
                self._target(shelf).take(keys, vectors)
            for target in self._targets.values():
                target.finish()
            async for shelf, _, vectors in self._faces():
                self._targets[shelf].compare(vectors)
            return {shelf: target.judge() for shelf, target in self._targets.items()}
        finally:
            for target in self._targets.values():
                target.index.close()

    def _target(self, shelf: Shelf) -> _Target:
        if shelf not in self._targets:
            index = self._open_index(shelf)
            self._targets[shelf] = _Target(index, set(index.keys()))
        return self._targets[shelf]

    async def _faces(self) -> AsyncIterator[tuple[Shelf, list[str], Floats]]:
        """The faces of the table by shelf, some hundreds at a time."""
        done = 0
        async for encounters in self._reader.searched():
            for shelf, rows in _by_shelf(encounters).items():
                yield shelf, list(rows), np.stack(list(rows.values()))
            done += len(encounters)
            self._tell(done)


def _by_shelf(encounters: Iterable[EnrolledEncounter]) -> dict[Shelf, dict[str, Floats]]:
    found: dict[Shelf, dict[str, Floats]] = {}
    for encounter in encounters:
        for item in encounter.items:
            if isinstance(item.features, FaceFeatures):
                for gallery in sorted(encounter.galleries):
                    shelf = Shelf(gallery, item.features.model_id, len(item.features.vector))
                    found.setdefault(shelf, {})[item.key] = item.features.vector
    return found
