"""Many enrolled prints, searched with one."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint.comparison import local_scores, relaxed_score, similarities
from services.biometrics.fingerprint.cylinders import Cylinders
from services.biometrics.fingerprint.template import FingerTemplate

BLOCK_TEMPLATES = 64
"""Prints kept side by side: what one change copies (half a megabyte), and enough for numpy's loops to be long."""
SHORT_LIST = 50
"""At least so many go on to relaxation."""
SHORT_LIST_SHARE = 0.05
"""Of the gallery goes on to relaxation, the best by LSS. Of 280 mates on FVC2002 set B one is further down."""


@dataclass(frozen=True, eq=False)
class _Block:
    """Up to BLOCK_TEMPLATES prints whose cylinders lie side by side; never changed, only replaced."""

    keys: tuple[str, ...]
    cylinders: Cylinders
    offsets: NDArray[np.intp]  # (k + 1,), where each print's cylinders begin and end

    @classmethod
    def of(cls, prints: Mapping[str, Cylinders]) -> "_Block":
        ends = np.cumsum([0, *(len(each) for each in prints.values())])
        return cls(tuple(prints), Cylinders.joined(list(prints.values())), ends)

    def prints(self) -> dict[str, Cylinders]:
        spans = pairwise(self.offsets)
        return {key: self.cylinders.part(*span) for key, span in zip(self.keys, spans, strict=True)}

    def local_scores(self, probe: Cylinders) -> NDArray[np.float64]:
        """LSS of each print: float64 (k,)."""
        return local_scores(similarities(self.cylinders, probe), self.offsets)

    def relaxed_scores(self, probe: Cylinders) -> list[float]:
        """LSS-R of each print, as `comparison.compare` gives it."""
        similarity = similarities(self.cylinders, probe)
        spans = pairwise(self.offsets)
        return [relaxed_score(probe, self.cylinders.part(*span), similarity[slice(*span)].T) for span in spans]


class FingerGallery:
    """All enrolled prints of a finger index, in memory.

    The table of templates is the truth; a gallery is rebuilt from it. Any number of threads may search while others
    add and remove: a search reads the blocks that were there when it began, a change publishes a new set of blocks.
    """

    def __init__(self) -> None:
        self._writing = Lock()
        self._blocks: Mapping[int, _Block] = {}  # replaced as a whole, never changed: what a search holds on to
        self._block_of: dict[str, int] = {}
        self._open = 0  # the block that takes the next print

    def __len__(self) -> int:
        return len(self._block_of)

    def add(self, key: str, template: FingerTemplate) -> None:
        """Enrol a print under its key; replaces what was there under the same key."""
        self.add_all([(key, template)])

    def add_all(self, prints: Iterable[tuple[str, FingerTemplate]]) -> None:
        """Enrol many prints; all become visible to searches at once. For start-up: `add` one by one copies more."""
        new = {key: template.cylinders for key, template in prints}
        with self._writing:
            blocks = self._without(new.keys() & self._block_of.keys())
            last = blocks.pop(self._open, None)
            pending = list(((last.prints() if last else {}) | new).items())
            for start in range(0, len(pending), BLOCK_TEMPLATES):
                some = dict(pending[start : start + BLOCK_TEMPLATES])
                blocks[self._open] = _Block.of(some)
                self._block_of.update(dict.fromkeys(some, self._open))
                self._open += len(some) == BLOCK_TEMPLATES
            self._blocks = blocks

    def remove(self, key: str) -> None:
        """Take a print out; searches that begin later no longer find it.

        Raises:
            KeyError: no print under this key.
        """
        with self._writing:
            if key not in self._block_of:
                raise KeyError(key)
            self._blocks = self._without({key})

    def search(self, probe: FingerTemplate, limit: int) -> list[tuple[str, float]]:
        """The enrolled prints most like the probe.

        All are scored by LSS; the best SHORT_LIST_SHARE of them, at least SHORT_LIST (or `limit`, if more), are scored
        again by LSS-R, and only those are answered. A print's score does not depend on what else is enrolled.

        Args:
            probe: a template of the same engine.
            limit: how many at most, >= 1.

        Returns:
            (key, score) best first, ties by key; score 0..1 is what the engine's `compare` gives for the pair.
        """
        blocks = list(self._blocks.values())
        local = np.concatenate([np.empty(0), *(block.local_scores(probe.cylinders) for block in blocks)])
        chosen = _short_list(local, max(limit, SHORT_LIST, int(SHORT_LIST_SHARE * len(local))))
        scored: list[tuple[str, float]] = []
        for some in _gathered(blocks, chosen):
            scored += zip(some.keys, some.relaxed_scores(probe.cylinders), strict=True)
        return sorted(scored, key=lambda each: (-each[1], each[0]))[:limit]

    def _without(self, keys: AbstractSet[str]) -> dict[int, _Block]:
        """The blocks, in a new mapping, less these keys; the caller publishes it."""
        blocks = dict(self._blocks)
        for key in keys:
            place = self._block_of.pop(key)
            left = blocks.pop(place).prints()
            del left[key]
            if left:
                blocks[place] = _Block.of(left)
        return blocks


def _short_list(local: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Places of the `count` highest, and of ties with the last of them, ascending."""
    if count >= len(local):
        return np.arange(len(local))
    return np.flatnonzero(local >= np.partition(local, -count)[-count])


def _gathered(blocks: list[_Block], chosen: NDArray[np.intp]) -> Iterator[_Block]:
    """The chosen prints, counted through all blocks in order, as blocks of their own."""
    prints: dict[str, Cylinders] = {}
    first = 0
    for block in blocks:
        low, high = np.searchsorted(chosen, (first, first + len(block.keys)))
        for place in chosen[low:high] - first:
            prints[block.keys[place]] = block.cylinders.part(*block.offsets[place : place + 2])
            if len(prints) == BLOCK_TEMPLATES:
                yield _Block.of(prints)
                prints = {}
        first += len(block.keys)
    if prints:
        yield _Block.of(prints)
