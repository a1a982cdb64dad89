"""The biometric service as registration sees it, with comparisons that are drawn in the place of images compared.

Twenty thousand people's photos and prints cannot be made and compared in minutes, and drawn faces would say nothing of
real ones. So each comparison's score is drawn from the tails that were measured for the engine (`evidence`): of mates
where two captures are of one face or one pair of hands, else of strangers. From there on all is real: evidence, fusion,
rarity, the threshold for the gallery's size, and the answers. Every member of the gallery is compared.

What that leaves out is what a calibration leaves out: it is taken to be right. `alike` makes strangers' faces more
alike than those that it was measured on, by so many times at every score.
"""
# ruff: noqa: ARG002  the methods have the shape of the service's

import re
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evidence import Calibration, Rarity
from services.biometrics.identify.answers import candidates, verification
from services.biometrics.identify.fusion import Comparison, Fused, candidate_threshold, fuse
from services.biometrics.identify.search import Found
from services.registry.workers.biometrics import PORTRAIT_SCORE, BiometricSearch, Item
from shared.contracts.osia import BiometricSubType, BiometricType, Candidate, Verification
from shared.contracts.problem import FieldProblem

_FACE: Final = re.compile(rb"face (\d+)")
_HANDS: Final = re.compile(rb"hands (\d+)")
_NOBODY: Final = -1
_FINGERS: Final = (BiometricSubType.RIGHT_INDEX, BiometricSubType.LEFT_INDEX)
_LIMIT: Final = 10
_LEAST: Final = 1e-12
_LOOKED_AT: Final = 5
"""Strangers of whom each of sum, face and fingers is highest; nobody else of them can be a candidate."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """What scores are worth, and how much more alike strangers' faces are than where that was measured."""

    face: Calibration
    finger: Calibration
    target_fpir: float
    alike: float = 1.0


class DrawnSearch(BiometricSearch):
    """Enrols, identifies and verifies by drawn comparisons; the same captures always give the same scores.

    Args:
        worth: of scores.
        seed: of the draw.
    """

    def __init__(self, worth: Worth, seed: int) -> None:
        self._worth = worth
        self._seed = seed
        self._rarity = Rarity({each.model_id: each for each in (worth.face, worth.finger)})
        self._place: dict[str, int] = {}
        self._people: list[str] = []
        self._faces, self._hands = np.full(1024, _NOBODY), np.full(1024, _NOBODY)
        self._of_face: defaultdict[int, list[int]] = defaultdict(list)
        self._of_hands: defaultdict[int, list[int]] = defaultdict(list)

    async def problems(self, member: str, items: list[Item]) -> list[FieldProblem]:
        """None: every capture can be used."""
        return []

    async def enrol(self, member: str, person_id: str, items: list[dict[str, Any]]) -> None:
        """Put a person into the gallery."""
        if person_id in self._place:
            return
        place = self._place[person_id] = len(self._people)
        self._people.append(person_id)
        if place == len(self._faces):
            self._faces, self._hands = (
                np.concatenate([each, np.full(len(each), _NOBODY)]) for each in (self._faces, self._hands)
            )
        self._faces[place], self._hands[place] = _body(items)
        self._of_face[int(self._faces[place])].append(place)
        self._of_hands[int(self._hands[place])].append(place)

    async def identify(self, member: str, person_id: str) -> list[Candidate]:
        """Who else in the gallery may be this person."""
        probe = self._place[person_id]
        threshold = candidate_threshold(len(self._people), self._worth.target_fpir)
        found = [Found(self._people[at], fused, threshold) for at, fused in self._compared(probe)]
        good = [each for each in found if each.fused.score >= threshold]
        return candidates(sorted(good, key=lambda each: (-each.fused.score, -each.fused.bans, each.person_id))[:_LIMIT])

    async def verify(self, member: str, one: dict[str, Any], other: dict[str, Any]) -> Verification:
        """Whether a portrait and a photo look like one person."""
        pictures = [b64decode(each["image"]) for each in (one, other)]
        faces = [_number(_FACE, each) for each in pictures]
        rng = self._rng(*sorted(crc32(each) for each in pictures))
        score = self._face_scores(rng, 1, mates=faces[0] == faces[1])[0]
        return verification(fuse([self._face(score)], self._rarity), PORTRAIT_SCORE)

    def _compared(self, probe: int) -> Iterator[tuple[int, Fused]]:
        face, hands = int(self._faces[probe]), int(self._hands[probe])
        mates = {
            *(self._of_face[face] if face != _NOBODY else ()),
            *(self._of_hands[hands] if hands != _NOBODY else ()),
        }
        for at in sorted(mates - {probe}):
            yield at, self._of_mate(probe, at)
        yield from self._of_strangers(probe, mates | {probe})

    def _of_mate(self, probe: int, other: int) -> Fused:
        rng = self._rng(2, *sorted((probe, other)))
        comparisons = []
        if self._both(self._faces, probe, other):
            same = self._faces[probe] == self._faces[other]
            comparisons.append(self._face(self._face_scores(rng, 1, mates=bool(same))[0]))
        if self._both(self._hands, probe, other):
            same = self._hands[probe] == self._hands[other]
            scores = self._finger_scores(rng, len(_FINGERS), mates=bool(same))
            comparisons += [self._finger(score, position) for score, position in zip(scores, _FINGERS, strict=True)]
        return fuse(comparisons, self._rarity)

    def _of_strangers(self, probe: int, known: Iterable[int]) -> Iterator[tuple[int, Fused]]:
        """The strangers of most evidence; those of less cannot reach the threshold."""
        count = len(self._people)
        rng = self._rng(3, probe)
        with_face = (self._faces[:count] != _NOBODY) & (self._faces[probe] != _NOBODY)
        with_hands = (self._hands[:count] != _NOBODY) & (self._hands[probe] != _NOBODY)
        face = self._face_scores(rng, count, mates=False)
        prints = [self._finger_scores(rng, count, mates=False) for _ in _FINGERS]
        by_face = np.where(with_face, self._worth.face.bans_of(face), 0.0)
        by_hands = np.where(with_hands, sum(self._worth.finger.bans_of(each) for each in prints), 0.0)
        for each in (by_face, by_hands):
            each[list(known)] = -np.inf
        for at in sorted({at for bans in (by_face + by_hands, by_face, by_hands) for at in _highest(bans)}):
            comparisons = [self._face(face[at])] if with_face[at] else []
            if with_hands[at]:
                comparisons += [
                    self._finger(each[at], position) for each, position in zip(prints, _FINGERS, strict=True)
                ]
            if comparisons and at not in known:
                yield at, fuse(comparisons, self._rarity)

    @staticmethod
    def _both(captured: NDArray[np.int_], one: int, other: int) -> bool:
        return _NOBODY not in (captured[one], captured[other])

    def _face_scores(self, rng: np.random.Generator, count: int, *, mates: bool) -> Floats:
        levels = -np.log10(1 - rng.random(count))
        if mates:
            return _mate_scores(self._worth.face, levels)
        return _stranger_scores(self._worth.face, levels + np.log10(self._worth.alike))

    def _finger_scores(self, rng: np.random.Generator, count: int, *, mates: bool) -> Floats:
        levels = -np.log10(1 - rng.random(count))
        return (_mate_scores if mates else _stranger_scores)(self._worth.finger, levels)

    def _face(self, score: float) -> Comparison:
        score, worth = float(score), self._worth.face
        bans, beyond = worth.bans(score), worth.is_extrapolated(score)
        return Comparison(BiometricType.FACE, score, bans, worth.model_id, extrapolated=beyond)

    def _finger(self, score: float, position: BiometricSubType) -> Comparison:
        score, worth = float(score), self._worth.finger
        bans, beyond = worth.bans(score), worth.is_extrapolated(score)
        return Comparison(BiometricType.FINGER, score, bans, worth.model_id, position, position, extrapolated=beyond)

    def _rng(self, *numbers: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, *map(int, numbers)])


def _stranger_scores(worth: Calibration, levels: Floats) -> Floats:
    """The scores that one in 10^level of strangers reaches."""
    scores, known = np.array(worth.strangers).T
    further = np.maximum(levels - known[-1], 0.0) / worth.beyond if worth.beyond else 0.0
    drawn: Floats = np.interp(levels, known, scores) + further
    return drawn


def _mate_scores(worth: Calibration, levels: Floats) -> Floats:
    """The scores below which one in 10^level of mates stays.

    The measured tail ends at the median: the better half is taken to lie above it as the worse half lies below.
    """
    scores, known = np.array(worth.mates).T
    median = scores[-1]
    worse = np.maximum(levels, -np.log10(1 - 10.0**-levels + _LEAST))
    drawn: Floats = np.interp(worse, known[::-1], scores[::-1])
    return np.where(levels >= -np.log10(0.5), drawn, np.minimum(2 * median - drawn, 1.0))


def _highest(bans: Floats) -> list[int]:
    most = min(_LOOKED_AT, len(bans))
    return [int(at) for at in np.argpartition(-bans, most - 1)[:most]]


def _body(items: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    images = [b64decode(item["image"]) for item in items if "image" in item]
    return next((_number(_FACE, each) for each in images if _FACE.search(each)), _NOBODY), next(
        (_number(_HANDS, each) for each in images if _HANDS.search(each)), _NOBODY
    )


def _number(token: re.Pattern[bytes], image: bytes) -> int:
    found = token.search(image)
    return int(found[1]) if found else _NOBODY
