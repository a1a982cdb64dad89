"""Requests that arrive together are searched together: one pass over the rows for all of them."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from services.biometrics.index.blocks import Floats
from services.biometrics.index.vectors import ANY_SIMILARITY, Hit, IndexStats, VectorIndex, checked_vectors

MOST_PROBES: Final = 32
"""Probes a pass: more make it slower in all and hardly cheaper for each (measured)."""

_Question = tuple[int | None, float]


@dataclass
class _Request:
    """One caller who waits, for an answer or for the turn to search."""

    question: _Question
    probes: Floats
    called: threading.Event = field(default_factory=threading.Event)
    batch: "list[_Request]" = field(default_factory=list)
    answer: list[list[Hit]] | None = None
    error: Exception | None = None


class BatchedIndex:
    """Any index, whose searches wait for each other and go together.

    A search on an idle index begins at once. What arrives while `lanes` passes are under way waits until one ends, and
    is then taken along as far as it asks the same: no clock decides, and nobody waits longer than a pass or two.
    """

    def __init__(self, index: VectorIndex, lanes: int = 1) -> None:
        """Over an index.

        Args:
            index: where.
            lanes: passes at the same time; as many as there are cores to search with.
        """
        self._index = index
        self._free = lanes
        self._lock = threading.Lock()
        self._waiting: deque[_Request] = deque()
        self.searches = 0
        self.passes = 0

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._index.dimension

    def __len__(self) -> int:
        """How many keys are in it."""
        return len(self._index)

    def keys(self) -> Iterable[str]:
        """All keys at one moment."""
        return self._index.keys()

    def vectors(self, keys: Sequence[str]) -> Floats:
        """The vectors of some keys."""
        return self._index.vectors(keys)

    def add(self, keys: Sequence[str], vectors: Floats) -> None:
        """Put vectors into the gallery."""
        self._index.add(keys, vectors)

    def remove(self, keys: Sequence[str]) -> None:
        """Take keys out of the gallery."""
        self._index.remove(keys)

    def search(self, probes: Floats, limit: int, floor: float = ANY_SIMILARITY) -> list[list[Hit]]:
        """The keys most similar to each probe."""
        if limit < 1:
            raise ValueError("limit is at least 1")
        return self._ask(_Request((limit, floor), checked_vectors(probes, self.dimension)))

    def search_at(self, probes: Floats, threshold: float) -> list[list[Hit]]:
        """Everybody at or above the threshold."""
        return self._ask(_Request((None, threshold), checked_vectors(probes, self.dimension)))

    def snapshot(self) -> None:
        """Keep what is in the index."""
        self._index.snapshot()

    def stats(self) -> IndexStats:
        """What it holds, and where."""
        return self._index.stats()

    def close(self) -> None:
        """End what works in the background."""
        self._index.close()

    def _ask(self, request: _Request) -> list[list[Hit]]:
        with self._lock:
            if self._free:
                self._free -= 1
                request.batch = [request]
            else:
                self._waiting.append(request)
        if not request.batch:
            request.called.wait()
        if request.batch:
            self._lead(request.batch)
        if request.error is not None:
            raise request.error
        return request.answer or []

    def _lead(self, batch: list[_Request]) -> None:
        """Search for all of a batch, then give the turn to the first who waits, with all who go along."""
        _answer(batch, self._search)
        with self._lock:
            self.searches += len(batch)
            self.passes += 1
            if self._waiting:
                following = self._together()
                following[0].batch = following
                following[0].called.set()
            else:
                self._free += 1
        for request in batch[1:]:
            request.called.set()

    def _together(self) -> list[_Request]:
        first = self._waiting.popleft()
        chosen, probes = [first], len(first.probes)
        for request in list(self._waiting):
            if request.question == first.question and probes + len(request.probes) <= MOST_PROBES:
                self._waiting.remove(request)
                chosen.append(request)
                probes += len(request.probes)
        return chosen

    def _search(self, question: _Question, probes: Floats) -> list[list[Hit]]:
        limit, floor = question
        return self._index.search_at(probes, floor) if limit is None else self._index.search(probes, limit, floor)


def _answer(requests: list[_Request], search: Callable[[_Question, Floats], list[list[Hit]]]) -> None:
    try:
        answers = iter(search(requests[0].question, np.concatenate([request.probes for request in requests])))
        for request in requests:
            request.answer = [next(answers) for _ in request.probes]
    except Exception as error:  # noqa: BLE001  whatever it is, every caller hears of it
        for request in requests:
            request.error = error
