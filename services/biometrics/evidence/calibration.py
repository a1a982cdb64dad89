"""From a score to evidence for and against "one body", by what strangers' and mates' comparisons were measured at.

Evidence is counted in bans (I. J. Good, 1950), decimal orders of magnitude. The evidence of a score s is
log10(FNMR(s) / FMR(s)): how much more mates stay below it than strangers reach it. It is 0 where both errors are
equal, grows where strangers are rare and falls below 0 where mates are. It is monotone in s, as a likelihood ratio of
a sensible comparer is, and needs only the two tails, which measurements give; the ratio of densities would need what
few comparisons cannot give.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Tail = tuple[tuple[float, float], ...]
"""Knots (score, -log10 of an error rate)."""

AGAINST_AT_MOST: Final = -2.5
"""Bans below which no single comparison speaks against: a cut, a bandage or a blurred photo must not outweigh all."""


@dataclass(frozen=True)
class Calibration:
    """Two measured tails of one model's scores, piecewise linear.

    Attributes:
        model_id: the engine whose scores were measured; it holds for no other.
        source: which people or fingers were compared, and how many pairs.
        strangers: (score, -log10 FMR), both increasing. Ends at one pair in all: nothing rarer is claimed.
        mates: (score, -log10 FNMR), score increasing, level falling to 0.
    """

    model_id: str
    source: str
    strangers: Tail
    mates: Tail

    def __post_init__(self) -> None:
        _require_order(self.strangers, rising=True)
        _require_order(self.mates, rising=False)

    def minus_log10_fmr(self, score: float) -> float:
        """How rare such a score is among strangers: 3 means one pair in 1,000 reaches it."""
        return _interpolated(self.strangers, score)

    def minus_log10_fnmr(self, score: float) -> float:
        """How rare it is that mates stay below such a score: 2 means one pair in 100."""
        return _interpolated(self.mates, score)

    def bans(self, score: float) -> float:
        """The evidence of a score, from AGAINST_AT_MOST up to what the measurement can carry."""
        return max(self.minus_log10_fmr(score) - self.minus_log10_fnmr(score), AGAINST_AT_MOST)

    def score_at(self, minus_log10_fmr: float) -> float:
        """The threshold for a false match rate; inverse of `minus_log10_fmr`.

        Raises:
            ValueError: the measurement is too small to know.
        """
        scores, levels = zip(*self.strangers, strict=True)
        if not levels[0] <= minus_log10_fmr <= levels[-1]:
            raise ValueError(f"known for {levels[0]}..{levels[-1]} only")
        return float(np.interp(minus_log10_fmr, levels, scores))


def measured_tail(scores: NDArray[np.floating], *, upper: bool) -> Tail:
    """The knots that a set of comparisons gives.

    Args:
        scores: (n,) of pairs of strangers (upper: the share that reaches a score) or of mates (the share below it);
            n >= 10.
        upper: which tail.

    Returns:
        Knots at every half decade that at least five pairs reach, and the outermost pair at 1 / n.
    """
    ordered = np.sort(scores)[::-1] if upper else np.sort(scores)
    n = len(ordered)
    levels = [*np.arange(0.5, np.log10(n / 5) + 1e-9, 0.5), np.log10(n)]
    knots = [(round(float(ordered[max(round(n / 10**level), 1) - 1]), 4), round(float(level), 3)) for level in levels]
    middle = (round(float(np.median(ordered)), 4), 0.301)
    rising = dict([middle, *knots])  # a score that stands for two levels keeps the rarer
    return tuple(sorted(rising.items()))


def _interpolated(tail: Tail, score: float) -> float:
    scores, levels = zip(*tail, strict=True)
    left = 0.0 if levels[0] < levels[-1] else levels[0]
    right = 0.0 if levels[0] > levels[-1] else levels[-1]
    if score < scores[0]:
        return left
    return right if score > scores[-1] else float(np.interp(score, scores, levels))


def _require_order(tail: Tail, *, rising: bool) -> None:
    for (lower, at_lower), (higher, at_higher) in pairwise(tail):
        if lower >= higher or (at_lower < at_higher) is not rising:
            raise ValueError("a tail's knots are in the order of their scores, its levels one way")
