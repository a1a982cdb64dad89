"""Many enrolled prints, searched with one."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from threading import Lock, Thread
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint.coded import CodedPrints
from services.biometrics.fingerprint.comparison import Relations, local_scores, relaxed_scores, similarities
from services.biometrics.fingerprint.cylinders import Cylinders
from services.biometrics.fingerprint.descriptors import learned
from services.biometrics.fingerprint.template import FingerTemplate

FRESH_PRINTS: Final = 2048
"""Prints that are all compared with every probe: a smaller gallery is searched whole."""
FRESH_BESIDE: Final = 512
"""The newest prints beside coded ones, before they are coded too."""
SHORT_LIST: Final = 50
"""At least so many of the fresh prints go on to relaxation."""
SHORT_LIST_SHARE: Final = 0.05
"""Of the fresh prints goes on to relaxation, the best by LSS. Of 280 mates on FVC2002 set B one is further down."""
VOTED_LIST: Final = 100
"""At least so many of the coded prints go on to relaxation. Among 100,000 prints one of the 280 mates on FVC2002 set B
has more than a thousand before it, one more than three hundred, and nobody else a hundred."""
VOTED_LIST_SHARE: Final = 3e-4
"""Of the coded prints goes on to relaxation, the best by votes."""
_TOGETHER: Final = 64
"""Prints compared at once: enough for numpy's loops to be long."""
_LARGEST: Final = 1 << 17
"""Prints to one piece of codes: what is copied when two pieces become one."""
_STRUCK_SHARE: Final = 0.3
_FRESH: Final = -1
_Prints = Mapping[str, FingerTemplate]


@dataclass(frozen=True)
class _State:
    """What one search sees; replaced as a whole, by reference."""

    coded: tuple[CodedPrints, ...]
    fresh: _Prints


class FingerGallery:
    """All enrolled prints of a finger index, in memory.

    The table of templates is the truth; a gallery is rebuilt from it. One lock orders the writers. Any number of
    threads may search meanwhile: a search takes no lock, it reads the state once. Fresh prints are coded, and pieces of
    codes merged, in the background, and put in the place of what they replace by reference.
    """

    def __init__(self, fresh_prints: int = FRESH_PRINTS, fresh_beside: int = FRESH_BESIDE) -> None:
        """An empty gallery.

        Args:
            fresh_prints: how many prints may come before the first are coded.
            fresh_beside: how many may come after that before they are coded.
        """
        self._fresh_prints = fresh_prints
        self._fresh_beside = min(fresh_beside, fresh_prints)
        self._writing = Lock()
        self._state = _State((), {})
        self._places: dict[str, int] = {}  # _FRESH, or number of the piece and row
        self._pieces: dict[int, CodedPrints] = {}
        self._next_piece = 0
        self._worker: Thread | None = None

    def __len__(self) -> int:
        return len(self._places)

    @property
    def octets(self) -> int:
        """Bytes held for templates and codes, without Python's own."""
        state = self._state
        return sum(piece.octets for piece in state.coded) + sum(each.octets for each in state.fresh.values())

    def add(self, key: str, template: FingerTemplate) -> None:
        """Enrol a print under its key; replaces what was there under the same key."""
        self.add_all([(key, template)])

    def add_all(self, prints: Iterable[tuple[str, FingerTemplate]]) -> None:
        """Enrol many prints; all become visible to searches at once.

        A gallery holds the templates themselves, and packs them when it codes them. Waits where prints come faster
        than they are coded.
        """
        new = dict(prints)
        with self._writing:
            before = {key: place for key in new if (place := self._places.get(key, _FRESH)) != _FRESH}
            self._state = _State(self._state.coded, {**self._state.fresh, **new})
            self._places.update(dict.fromkeys(new, _FRESH))
            for place in before.values():
                self._strike(place)
            self._look_after()
            behind = len(self._state.fresh) > 4 * self._fresh_prints
        if behind:
            self.settle()

    def remove(self, key: str) -> None:
        """Take a print out; searches that begin later no longer find it.

        Raises:
            KeyError: no print under this key.
        """
        with self._writing:
            place = self._places.pop(key)
            if place == _FRESH:
                left = {each: print_ for each, print_ in self._state.fresh.items() if each != key}
                self._state = _State(self._state.coded, left)
            else:
                self._strike(place)
            self._look_after()

    def settle(self) -> None:
        """Wait until nothing is left to be done in the background."""
        while (worker := self._worker) is not None:
            worker.join()

    def search(self, probe: FingerTemplate, limit: int) -> list[tuple[str, float]]:
        """The enrolled prints most like the probe.

        All fresh prints are scored by LSS, and the best SHORT_LIST_SHARE of them, at least SHORT_LIST (or `limit`, if
        more), go on a short list. Of the coded ones, those go on it for which most minutiae vote together. The short
        list is scored by LSS-R and answered. A print's score does not depend on what else is enrolled.

        Args:
            probe: a template of the same engine.
            limit: how many at most, >= 1.

        Returns:
            (key, score) best first, ties by key; score 0..1 is what the engine's `compare` gives for the pair.
        """
        cylinders = probe.cylinders
        state = self._state
        chosen = _voted(state.coded, cylinders, limit) | _locally_best(state.fresh, cylinders, limit)
        scored: list[tuple[str, float]] = []
        relations = Relations.of(cylinders)
        for some in _together(chosen):
            scored += zip(some.keys, some.relaxed_scores(cylinders, relations), strict=True)
        return heapq.nsmallest(limit, scored, key=lambda each: (-each[1], each[0]))

    def _strike(self, place: int) -> None:
        number, row = divmod(place, _LARGEST)
        self._pieces[number].strike(row)

    def _look_after(self) -> None:
        """Begin work in the background when there is some; with the writers' lock."""
        if self._worker is None and self._due():
            self._worker = Thread(target=self._maintain, name="fingers", daemon=True)
            self._worker.start()

    def _due(self) -> tuple[list[CodedPrints], _Prints] | None:
        """Which pieces are to become one, or which prints are to be coded in their place; None: nothing is to be done.

        A piece of which much is struck out is coded anew.
        """
        state = self._state
        for piece in state.coded:
            if piece.struck > _STRUCK_SHARE * len(piece):
                return [piece], piece.living()
        if len(state.coded) > 1:
            before, last = state.coded[-2:]
            if len(before) < 2 * len(last) and len(before) + len(last) <= _LARGEST:
                return [before, last], {}
        if len(state.fresh) > (self._fresh_beside if state.coded else self._fresh_prints):
            return [], dict(islice(state.fresh.items(), _LARGEST))
        return None

    def _maintain(self) -> None:
        try:
            while True:
                with self._writing:
                    due = self._due()
                    if due is None:
                        self._worker = None
                        return
                old, prints = due
                self._put(old, _piece(old, prints), prints)
        except BaseException:
            self._worker = None  # the next change begins anew
            raise

    def _put(self, old: list[CodedPrints], new: CodedPrints | None, prints: _Prints) -> None:
        """A new piece in the place of old ones or of fresh prints; what was removed meanwhile is struck out of it."""
        with self._writing:
            number = self._next_piece
            self._next_piece += 1
            replaced = {each for each, piece in self._pieces.items() if piece in old}
            fresh = dict(self._state.fresh)
            for row, key in enumerate(new.keys if new else ()):
                place = self._places.get(key)
                stays = place is not None and (
                    fresh.get(key) is prints.get(key) if place == _FRESH else place // _LARGEST in replaced
                )
                if stays:
                    self._places[key] = number * _LARGEST + row
                    fresh.pop(key, None)
                elif new:
                    new.strike(row)
            self._pieces = {each: piece for each, piece in self._pieces.items() if each not in replaced}
            kept = tuple(piece for piece in self._state.coded if piece not in old)
            if new:
                self._pieces[number] = new
                kept = (*kept, new)
            self._state = _State(kept, fresh)


def _piece(old: list[CodedPrints], prints: _Prints) -> CodedPrints | None:
    if len(old) > 1:
        return CodedPrints.merged(old)
    return CodedPrints.of(list(prints), list(prints.values())) if prints else None


@dataclass(frozen=True, eq=False)
class _Together:
    """Some prints whose cylinders lie side by side."""

    keys: tuple[str, ...]
    cylinders: Cylinders
    offsets: NDArray[np.intp]  # (k + 1,), where each print's cylinders begin and end

    def local_scores(self, probe: Cylinders) -> NDArray[np.float64]:
        """LSS of each print: float64 (k,)."""
        return local_scores(similarities(self.cylinders, probe), self.offsets)

    def relaxed_scores(self, probe: Cylinders, relations: Relations) -> list[float]:
        """LSS-R of each print, as `comparison.compare` gives it; with the probe's relations."""
        similarity, spans = similarities(self.cylinders, probe), list(pairwise(self.offsets))
        return relaxed_scores(
            relations,
            [self.cylinders.part(*span) for span in spans],
            [similarity[slice(*span)].T for span in spans],
        )


def _together(prints: _Prints) -> Iterator[_Together]:
    rest = iter(prints.items())
    while some := dict(islice(rest, _TOGETHER)):
        cylinders = [each.cylinders for each in some.values()]
        ends = np.cumsum([0, *map(len, cylinders)])
        yield _Together(tuple(some), Cylinders.joined(cylinders), ends)


def _locally_best(prints: _Prints, probe: Cylinders, limit: int) -> dict[str, FingerTemplate]:
    count = max(limit, SHORT_LIST, int(SHORT_LIST_SHARE * len(prints)))
    if count >= len(prints):
        return dict(prints)
    local = np.concatenate([some.local_scores(probe) for some in _together(prints)])
    least = np.partition(local, -count)[-count]  # and ties with it
    return {key: each for (key, each), score in zip(prints.items(), local, strict=True) if score >= least}


def _voted(pieces: Sequence[CodedPrints], probe: Cylinders, limit: int) -> dict[str, FingerTemplate]:
    if not pieces:
        return {}
    count = max(limit, VOTED_LIST, int(VOTED_LIST_SHARE * sum(map(len, pieces))))
    descriptors = learned().describe(probe)
    found = (each for piece in pieces for each in piece.best(probe, descriptors, count))
    best = heapq.nlargest(count, found, key=lambda each: (each[0], each[1]))
    return {key: each for _, key, each in best}
