"""What a similarity is worth: from a cosine to the share of strangers who look as much alike."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Similarity of two unit-norm embeddings of the same model, in [-1, 1]; float32 (d,) each."""
    return float(np.clip(np.dot(one, other), -1.0, 1.0))


@dataclass(frozen=True)
class Calibration:
    """Piecewise-linear map between a model's cosine and -log10 of its false match rate (FMR).

    Attributes:
        model_id: the engine whose embeddings were measured; the map holds for no other.
        source: which people were compared.
        impostor_pairs: how many; an FMR under 1 / impostor_pairs is never claimed.
        knots: (cosine, -log10 FMR), both strictly increasing.
    """

    model_id: str
    source: str
    impostor_pairs: int
    knots: tuple[tuple[float, float], ...]

    @classmethod
    def measured(cls, model_id: str, source: str, impostors: NDArray[np.floating]) -> Self:
        """The map that a set of impostor comparisons gives.

        Args:
            model_id: the engine's.
            source: which people were compared.
            impostors: (n,) cosines of pairs of different people, n >= 10.

        Returns:
            Knots at every half decade that at least five pairs reach, and the most similar pair at 1 / n.
        """
        falling = np.sort(impostors)[::-1]
        n = len(falling)
        levels = np.arange(0.5, np.log10(n / 5) + 1e-9, 0.5)
        knots = [(-1.0, 0.0)]
        for level in (*levels, np.log10(n)):
            at = round(float(falling[max(round(n / 10**level), 1) - 1]), 4)
            if at > knots[-1][0]:
                knots.append((at, round(float(level), 4)))
        return cls(model_id, source, n, tuple(knots))

    def neg_log10_fmr(self, similarity: float) -> float:
        """How rare such a similarity is among strangers: 3.0 means 1 in 1,000; capped at the last knot."""
        cosines, levels = zip(*self.knots, strict=True)
        return float(np.interp(similarity, cosines, levels))

    def cosine_at(self, neg_log10_fmr: float) -> float:
        """The threshold for a false match rate; inverse of neg_log10_fmr.

        Raises:
            ValueError: the measurement is too small to know.
        """
        cosines, levels = zip(*self.knots, strict=True)
        if not 0 <= neg_log10_fmr <= levels[-1]:
            raise ValueError(f"known for 0..{levels[-1]} only")
        return float(np.interp(neg_log10_fmr, levels, cosines))


DLIB_RESNET_V1 = Calibration(
    model_id="dlib-resnet-v1",
    source="LFW funneled, first photos of 545 people",
    impostor_pairs=148_240,
    knots=(
        (-1.0, 0.0),
        (0.8517, 0.5),
        (0.8778, 1.0),
        (0.8942, 1.5),
        (0.9065, 2.0),
        (0.9161, 2.5),
        (0.9243, 3.0),
        (0.9315, 3.5),
        (0.9371, 4.0),
        (0.9494, 5.171),
    ),
)
"""Measured for DlibFaceEngine.

Source: Labeled Faces in the Wild, funneled; the people with an even SHA-256 of their name (first byte), first photo
of each, all 148,240 pairs. On the other people (426, odd hash; 839 genuine and 556,201 impostor pairs):

| threshold for FMR | cosine | true accept rate | FMR seen |
|---|---|---|---|
| 1e-2 | .9065 | 99.3 % | 1.1e-2 |
| 1e-3 | .9243 | 95.5 % | 1.5e-3 |
| 1e-4 | .9371 | 85.8 % | 3.0e-4 |
| 1e-5 | .9476 | 70.4 % | 5.8e-5 |

so read it as good to half a decade, and less beyond 1e-4: the last two knots rest on 15 pairs and on one.

Warning: the people are celebrities, mostly White men. For this engine the threshold at which they show an FMR of 1e-4
shows 2e-2 among Asian men and 1e-1 among Asian women (UTKFace): these numbers are unusable as a decision for people
of East and South-East Asia. They rank candidates; they never decide. Measure again on the people who will be enrolled.
"""
