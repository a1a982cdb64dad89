"""People who fill a gallery: faces like an engine's, and prints made of a few real captures."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.benchmark.likenesses import LIKENESSES, Population
from services.biometrics.encounters.enrolled import EnrolledEncounter, EnrolledItem
from services.biometrics.fingerprint.cylinders import MIN_CYLINDERS, Cylinders
from services.biometrics.fingerprint.minutiae import FingerNotUsableError, Minutiae
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.fingerprint.warping import another_finger
from services.biometrics.templates.features import FaceFeatures, Features, FingerFeatures
from shared.contracts.osia import BiometricSubType

GALLERY: Final = "BENCH"
_LEFT_OUT: Final = 0.15
"""Of a print's minutiae, when it is lent to another person."""
_AT_ONCE: Final = 8192


class Crowd:
    """Makes enrolled people by seed.

    Building the cylinders of a print takes 10 ms, too long for two million. So `made` prints are bent out of the given
    ones, and each person is lent one, of which other minutiae are left out and which lies turned otherwise.

    Args:
        prints: to be bent.
        made: how many prints are made of them.
        face_model: of the faces.
        finger_model: of the prints.
        dimension: of a face's vector, of LIKENESSES.
        seed: of all that is drawn.
    """

    def __init__(
        self,
        prints: Sequence[FingerTemplate],
        made: int,
        *,
        face_model: str,
        finger_model: str,
        dimension: int,
        seed: int = 1,
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._made = list(_bent(prints, made, self._rng))
        self._models = face_model, finger_model
        self._faces = Population(LIKENESSES[dimension], seed)

    def people(
        self, first: int, count: int, positions: Sequence[BiometricSubType]
    ) -> Iterator[list[EnrolledEncounter]]:
        """People with a face and a print of each position, some thousand at a time.

        Args:
            first: number of the first; each has its own.
            count: how many.
            positions: of the fingers that each has given.
        """
        for start in range(first, first + count, _AT_ONCE):
            vectors = self._faces.people(min(_AT_ONCE, first + count - start))
            yield [self._person(start + row, vector, positions) for row, vector in enumerate(vectors)]

    def _person(
        self, number: int, vector: NDArray[np.float32], positions: Sequence[BiometricSubType]
    ) -> EnrolledEncounter:
        face_model, finger_model = self._models
        prints = [FingerFeatures(finger_model, position, self._lent()) for position in positions]
        return enrolled(number, [FaceFeatures(face_model, vector), *prints])

    def _lent(self) -> FingerTemplate:
        print_ = self._made[self._rng.integers(len(self._made))]
        owner = print_.owner
        kept = self._rng.random(len(owner)) > _LEFT_OUT
        kept[:MIN_CYLINDERS] = True
        return _turned(print_, np.flatnonzero(kept), float(self._rng.uniform(0, 2 * np.pi)))


def enrolled(number: int, features: Sequence[Features]) -> EnrolledEncounter:
    """An encounter of a person of that number, with these items."""
    items = tuple(
        EnrolledItem(f"{number}/{place}", each, each.position if isinstance(each, FingerFeatures) else None, None)
        for place, each in enumerate(features)
    )
    return EnrolledEncounter(number, f"P{number}", f"E{number}", frozenset({GALLERY}), items)


def _bent(prints: Sequence[FingerTemplate], made: int, rng: np.random.Generator) -> Iterator[FingerTemplate]:
    number = 0
    while number < made:
        try:
            yield FingerTemplate.of(another_finger(prints[int(rng.integers(len(prints)))].minutiae, rng))
        except FingerNotUsableError:
            continue  # too few minutiae were left
        number += 1


def _turned(print_: FingerTemplate, kept: NDArray[np.intp], angle: float) -> FingerTemplate:
    """Some of a print's cylinders, whose minutiae all point elsewhere: what their bits say does not change with it."""
    found, built, owner = print_.minutiae, print_.cylinders, print_.owner
    direction = np.mod(found.direction + np.float32(angle), np.float32(2 * np.pi - 1e-6))
    minutiae = Minutiae(found.x, found.y, direction, found.quality, found.kind, found.width, found.height)
    chosen = owner[kept]
    cylinders = Cylinders(built.bits[kept], built.valid[kept], found.x[chosen], found.y[chosen], direction[chosen])
    return FingerTemplate(minutiae, chosen, cylinders)
