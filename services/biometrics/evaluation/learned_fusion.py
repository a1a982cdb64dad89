"""A fusion with learned weights, to see whether it does better than the sum of bans.

Logistic regression of "one body" on the face's bans and the fingers', the better one first; both classes weigh the
same, so that its log-odds are a likelihood ratio. Fitted by Newton's method.

Source: S. Pigeon, P. Druyts, P. Verlinde, Digital Signal Processing 10 (2000) 237-248.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_STEPS: Final = 60
_LONGEST_STEP: Final = 2.0
_RIDGE: Final = 1e-6
"""Pull to zero: without it classes that do not overlap would have no finite answer."""


@dataclass(frozen=True)
class LearnedFusion:
    """Bans = intercept + weights x (face, better finger, other finger).

    Attributes:
        weights: of the face, then of the fingers, better ones first.
        intercept: bans.
    """

    weights: tuple[float, ...]
    intercept: float

    def bans(self, evidence: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Fused bans (n,) of n candidates.

        Args:
            evidence: face, finger, other finger: float32 (n,) bans each; of as many as there are weights.
        """
        face, *fingers = evidence[: len(self.weights)]
        ordered = [np.maximum(*fingers), np.minimum(*fingers)] if len(fingers) == 2 else fingers
        fused = np.full_like(face, self.intercept)
        for weight, bans in zip(self.weights, [face, *ordered], strict=True):
            fused += np.float32(weight) * bans
        return fused


def learn(mates: NDArray[np.float64], strangers: NDArray[np.float64]) -> LearnedFusion:
    """The weights that fit best.

    Args:
        mates: bans (m, k) by face and k - 1 fingers.
        strangers: bans (n, k).
    """
    rows = np.concatenate([_design(mates), _design(strangers)])
    target = np.concatenate([np.ones(len(mates)), np.zeros(len(strangers))])
    weight = np.concatenate([np.full(len(mates), 0.5 / len(mates)), np.full(len(strangers), 0.5 / len(strangers))])
    solution = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-np.clip(rows @ solution, -50, 50)))
        slope = rows.T @ (weight * (share - target)) + _RIDGE * solution
        curve = (rows * (weight * share * (1 - share))[:, None]).T @ rows + _RIDGE * np.eye(len(solution))
        step = np.linalg.solve(curve, slope)
        solution -= step * min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), _RIDGE))
    *weights, intercept = (float(value) for value in solution / np.log(10))
    return LearnedFusion(tuple(weights), intercept)


def _design(bans: NDArray[np.float64]) -> NDArray[np.float64]:
    fingers = np.sort(bans[:, 1:], axis=1)[:, ::-1]
    return np.column_stack([bans[:, 0], fingers, np.ones(len(bans))])
