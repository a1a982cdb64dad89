"""Vectors like those of a face engine, made by seed: strangers, look-alikes, and probes of enrolled people.

A vector is a part common to all faces and a part of its own: a Gaussian whose variances fall exponentially, so that
the cosines of strangers have the mean and the spread that were measured; a fifth of the variance of the own part comes
from one of 256 groups of people who look alike. All is turned by a random rotation, since networks have no axes. A
probe keeps the common part; its own part lies between that of its mate and that of a stranger, so that its cosine to
the mate is one drawn from the measured spread of mates, above the threshold.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_GROUPS: Final = 256
_GROUP_SHARE: Final = 0.2
_BLOCK: Final = 65_536


@dataclass(frozen=True)
class Likeness:
    """What was measured of an engine's cosines.

    Attributes:
        name: of the engine.
        dimension: length of a vector.
        strangers: mean and standard deviation among people who are not the same.
        mates: the same, between two photos of one person.
        threshold: from which a search wants everybody; FMR 1e-4.
    """

    name: str
    dimension: int
    strangers: tuple[float, float]
    mates: tuple[float, float]
    threshold: float


LIKENESSES: Final = {
    128: Likeness("dlib-resnet-v1", 128, (0.8346, 0.0309), (0.9545, 0.0179), 0.9371),
    512: Likeness("faceplugin-fr-1", 512, (0.005, 0.1022), (0.6852, 0.1246), 0.4115),
}
"""Source: medians, and points one and two decades down the tails, of services/biometrics/face/calibration.py (LFW)."""


class Population:
    """Vectors of a likeness; the same seed gives the same ones.

    Args:
        likeness: of which engine.
        seed: of all that is drawn.
    """

    def __init__(self, likeness: Likeness, seed: int = 1) -> None:
        self.likeness = likeness
        self._random = np.random.default_rng([seed, likeness.dimension])
        mean, spread = likeness.strangers
        freedom = ((1 - mean) / spread) ** 2  # of the own part: the cosines of its unit vectors spread by its root
        ranks = np.arange(min(likeness.dimension - 1, int(3 * freedom)))
        self._scales = np.sqrt(np.exp(-2 * ranks / freedom)).astype(np.float32)
        turned = np.linalg.qr(self._random.normal(size=(likeness.dimension, len(ranks) + 1)))[0].T.astype(np.float32)
        self._common, self._axes = turned[0], turned[1:]
        self._groups = _unit(self._drawn(_GROUPS))

    def people(self, count: int) -> Floats:
        """Vectors of different people: float32 (count, d), unit norm."""
        made = np.empty((count, self.likeness.dimension), dtype=np.float32)
        for start in range(0, count, _BLOCK):
            some = made[start : start + _BLOCK]
            some[:] = self._faces(self._own(len(some)))
        return made

    def probes(self, mates: Floats) -> Floats:
        """A second photo of each of some people: float32 (n, d), at or above the threshold to its mate.

        Args:
            mates: float32 (n, d), from `people`.
        """
        mean = self.likeness.strangers[0]
        own = _unit(mates @ self._axes.T)
        other = self._own(len(own))
        other = _unit(other - np.einsum("ij,ij->i", other, own)[:, np.newaxis] * own)
        cosines = (self._cosines(len(own)) - mean) / (1 - mean)
        return self._faces(cosines[:, np.newaxis] * own + np.sqrt(1 - cosines**2)[:, np.newaxis] * other)

    def _cosines(self, count: int) -> Floats:
        """Of mates, those above the threshold only: the others no index could return."""
        kept = np.empty(0)
        while len(kept) < count:
            drawn = self._random.normal(*self.likeness.mates, size=2 * count)
            kept = np.concatenate([kept, drawn[(drawn >= self.likeness.threshold + 1e-4) & (drawn < 0.999)]])
        return kept[:count].astype(np.float32)

    def _own(self, count: int) -> Floats:
        groups = self._groups[self._random.integers(_GROUPS, size=count)]
        apart, alike = np.sqrt(1 - _GROUP_SHARE), np.sqrt(_GROUP_SHARE)
        return _unit(np.float32(apart) * _unit(self._drawn(count)) + np.float32(alike) * groups)

    def _drawn(self, count: int) -> Floats:
        return self._random.standard_normal((count, len(self._scales)), dtype=np.float32) * self._scales

    def _faces(self, own: Floats) -> Floats:
        mean = self.likeness.strangers[0]
        return _unit(np.float32(np.sqrt(mean)) * self._common + np.float32(np.sqrt(1 - mean)) * (own @ self._axes))


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
