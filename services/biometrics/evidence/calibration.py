"""From a score to evidence for and against "one body", by what strangers' and mates' comparisons were measured at.

Evidence is counted in bans (I. J. Good, 1950), decimal orders of magnitude. The evidence of a score s is
log10(FNMR(s) / FMR(s)): how much more mates stay below it than strangers reach it. It is 0 where both errors are
equal, grows where strangers are rare and falls below 0 where mates are. It is monotone in s, as a likelihood ratio of
a sensible comparer is, and needs only the two tails, which measurements give; the ratio of densities would need what
few comparisons cannot give.

A large gallery asks for scores that no stranger of the measurement reached. Beyond the score that `TAIL_PAIRS` of
them reach, the tail is an exponential fitted to these pairs (peaks over a threshold with shape 0: J. Pickands, Annals
of Statistics 3 (1975)), up to `CLAIMED_AT_MOST`.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Tail = tuple[tuple[float, float], ...]
"""Knots (score, -log10 of an error rate)."""

AGAINST_AT_MOST: Final = -2.5
"""Bans below which no single comparison speaks against: a cut, a bandage or a blurred photo must not outweigh all."""

CLAIMED_AT_MOST: Final = 10.0
"""Level that no single comparison's score is said to exceed: among so many pairs of people some are identical twins."""

TAIL_PAIRS: Final = 100
"""Pairs of strangers that an extrapolation rests on; also fitted to the highest quarter, and the slower fall taken."""


@dataclass(frozen=True)
class Calibration:
    """Two measured tails of one model's scores, piecewise linear.

    Attributes:
        model_id: the engine whose scores were measured; it holds for no other.
        source: which people or fingers were compared, and how many pairs.
        strangers: (score, -log10 FMR), both increasing, as far as it was measured.
        mates: (score, -log10 FNMR), score increasing, level falling to 0.
        beyond: decades that FMR falls by per unit of score after the last knot; 0: nothing rarer is claimed.
    """

    model_id: str
    source: str
    strangers: Tail
    mates: Tail
    beyond: float = 0.0

    def __post_init__(self) -> None:
        _require_order(self.strangers, rising=True)
        _require_order(self.mates, rising=False)
        if not 0 <= self.beyond < np.inf or self.strangers[-1][1] > CLAIMED_AT_MOST:
            raise ValueError("beyond its knots a tail falls, and claims no more than CLAIMED_AT_MOST")

    @property
    def highest(self) -> float:
        """The score from which nothing more is claimed."""
        score, level = self.strangers[-1]
        return score + (CLAIMED_AT_MOST - level) / self.beyond if self.beyond else score

    def is_extrapolated(self, score: float) -> bool:
        """Whether so few strangers reach such a score that its rarity was not measured."""
        return score > self.strangers[-1][0]

    def minus_log10_fmr(self, score: float) -> float:
        """How rare such a score is among strangers: 3 means one pair in 1,000 reaches it."""
        return float(self.minus_log10_fmr_of(score))

    def minus_log10_fmr_of(self, scores: ArrayLike) -> NDArray[np.float64]:
        """`minus_log10_fmr` of many: float64 of the same shape."""
        values = np.asarray(scores, dtype=np.float64)
        (known, levels) = np.array(self.strangers).T
        further = np.maximum(values - known[-1], 0.0) * self.beyond
        levels_of: NDArray[np.float64] = np.minimum(
            np.interp(values, known, levels, left=0.0) + further, CLAIMED_AT_MOST
        )
        return levels_of

    def minus_log10_fnmr(self, score: float) -> float:
        """How rare it is that mates stay below such a score: 2 means one pair in 100."""
        return _interpolated(self.mates, score)

    def bans(self, score: float) -> float:
        """The evidence of a score, from AGAINST_AT_MOST up to CLAIMED_AT_MOST."""
        return float(self.bans_of(score))

    def bans_of(self, scores: ArrayLike) -> NDArray[np.float64]:
        """`bans` of many: float64 of the same shape."""
        (known, levels) = np.array(self.mates).T
        against = np.interp(np.asarray(scores, dtype=np.float64), known, levels, right=0.0)
        bans: NDArray[np.float64] = np.maximum(self.minus_log10_fmr_of(scores) - against, AGAINST_AT_MOST)
        return bans

    def score_at(self, minus_log10_fmr: float) -> float:
        """The threshold for a false match rate; inverse of `minus_log10_fmr`.

        Raises:
            ValueError: outside of what is claimed.
        """
        scores, levels = zip(*self.strangers, strict=True)
        most = CLAIMED_AT_MOST if self.beyond else levels[-1]
        if not levels[0] <= minus_log10_fmr <= most:
            raise ValueError(f"known for {levels[0]}..{most} only")
        if minus_log10_fmr > levels[-1]:
            return float(scores[-1] + (minus_log10_fmr - levels[-1]) / self.beyond)
        return float(np.interp(minus_log10_fmr, levels, scores))


def measured(model_id: str, source: str, strangers: NDArray[Any], mates: NDArray[Any]) -> Calibration:
    """The calibration that a set of comparisons gives.

    Args:
        model_id: whose scores they are.
        source: of which people.
        strangers: (n,) scores of pairs of strangers, n >= 10 * TAIL_PAIRS.
        mates: (m,) scores of pairs of mates, m >= 10.

    Raises:
        ValueError: too few pairs.
    """
    if len(strangers) < 10 * TAIL_PAIRS or len(mates) < 10:
        raise ValueError(f"at least {10 * TAIL_PAIRS} pairs of strangers and 10 of mates are needed")
    highest = np.sort(np.asarray(strangers, dtype=np.float64))[::-1][: TAIL_PAIRS + 1]
    start, level = float(highest[-1]), float(np.log10(len(strangers) / TAIL_PAIRS))
    excess = max(float((highest[:pairs] - highest[pairs]).mean()) for pairs in (TAIL_PAIRS // 4, TAIL_PAIRS))
    knots = [each for each in measured_tail(strangers, upper=True) if each[0] < start and each[1] < level]
    tail = (*knots, (round(start, 4), round(level, 3)))
    beyond = round(float(1 / (excess * np.log(10))), 2) if excess > 0 else 0.0
    return Calibration(model_id, source, tail, measured_tail(mates, upper=False), beyond)


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
