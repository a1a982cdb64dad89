"""Error rates as functions of a threshold: FMR and FNMR of comparisons, FPIR and FNIR of searches.

A comparison is a match when its score reaches the threshold. The same curves serve both: a search of somebody who is
not enrolled is a false positive when its best candidate reaches the threshold, a search of somebody who is enrolled a
false negative when the mate does not.

Source: ISO/IEC 19795-1:2021; the equal error rate, FMR100, FMR1000 and ZeroFMR as in D. Maio and others, FVC2000
(IEEE TPAMI 24 (3), 2002).
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Scores = NDArray[np.float64]

MIN_FALSE_MATCHES: Final = 10
"""A rate of false matches below this many divided by the number of comparisons is not reported: chance would decide."""

_ROUNDING: Final = 1e-9


class ScoreCurves:
    """What becomes of scores that should be accepted, and of scores that should not, at every threshold.

    Args:
        mates: (m,), m >= 1, comparisons of one person with themselves.
        strangers: (k,), comparisons of different people; all of them, or the k highest.
        n_strangers: how many there were in all, as a weight; default: those given.
        mate_weights: (m,), how often each counts; default 1.
        stranger_weights: (k,), likewise.
    """

    def __init__(
        self,
        mates: ArrayLike,
        strangers: ArrayLike,
        *,
        n_strangers: float | None = None,
        mate_weights: ArrayLike | None = None,
        stranger_weights: ArrayLike | None = None,
    ) -> None:
        self.mates, self._mates_below = _ascending(mates, mate_weights)
        self.strangers, below = _ascending(strangers, stranger_weights)
        self._strangers_from = below[-1] - below
        self.n_mates = float(self._mates_below[-1])
        self.n_strangers = float(below[-1]) if n_strangers is None else n_strangers
        self._complete = self.n_strangers <= float(below[-1]) * (1 + _ROUNDING)

    def false_positive_rate(self, threshold: float) -> float:
        """Share of strangers that reach the threshold: FMR, or FPIR. Not below the lowest score that was kept."""
        place = int(np.searchsorted(self.strangers, threshold, side="left"))
        return float(self._strangers_from[place]) / self.n_strangers if self.n_strangers else 0.0

    def false_negative_rate(self, threshold: float) -> float:
        """Share of mates that stay below the threshold: FNMR, or FNIR."""
        if not self.n_mates:
            return float("nan")
        return float(self._mates_below[int(np.searchsorted(self.mates, threshold, side="left"))]) / self.n_mates

    def threshold_at(self, rate: float) -> float:
        """The lowest threshold at which no more than this share of strangers is accepted; nan when it is not known."""
        allowed = rate * self.n_strangers * (1 + _ROUNDING) + _ROUNDING
        place = int(np.searchsorted(-self._strangers_from, -allowed, side="left"))
        if place == 0:
            return -np.inf if self._complete else float("nan")
        return float(np.nextafter(self.strangers[place - 1], np.inf))

    def false_negatives_at(self, rate: float) -> float:
        """FNMR at an FMR, or FNIR at an FPIR: the lowest there is without accepting more strangers than that."""
        threshold = self.threshold_at(rate)
        return float("nan") if np.isnan(threshold) else self.false_negative_rate(threshold)

    def zero_fmr(self) -> float:
        """FNMR at the lowest threshold that no stranger reaches."""
        return self.false_negatives_at(0.0)

    def equal_error_rate(self) -> float:
        """Where both rates meet; the middle of the step when they cross within one; nan when the scores do not tell.

        Source: FVC2000, section on performance indicators: of the two thresholds around the crossing, the one with the
        smaller sum of both rates.
        """
        thresholds = self._thresholds()
        if not self.n_mates or not self.n_strangers:
            return float("nan")
        low, high = 0, len(thresholds) - 1
        while low < high:
            middle = (low + high) // 2
            if self._crossed(thresholds[middle]):
                high = middle
            else:
                low = middle + 1
        at_crossing = self._both(thresholds[low])
        if self.false_positive_rate(thresholds[low]) * 2 == at_crossing:
            return at_crossing / 2
        if low == 0:
            return float("nan")  # crossed below the lowest score that was kept
        sums = [self._both(thresholds[place]) for place in (low - 1, low)]
        return min(sums) / 2

    def det(self, points: int = 120) -> list[tuple[float, float]]:
        """Detection error trade-off: (false positive rate, false negative rate), from rare false positives on.

        Args:
            points: how many at most, evenly on a logarithmic axis from one stranger in all up to 1.
        """
        rates = np.geomspace(1 / max(self.n_strangers, 1), 1, points)
        found = [(float(rate), self.false_negatives_at(float(rate))) for rate in rates]
        return [(rate, errors) for rate, errors in found if not np.isnan(errors)]

    def _thresholds(self) -> Scores:
        scores = np.unique(np.concatenate([self.mates, self.strangers]))
        floor = -np.inf if self._complete or not len(self.strangers) else self.strangers[0]
        scores = scores[scores >= floor]
        return np.append(scores, np.nextafter(scores[-1], np.inf)) if len(scores) else scores

    def _crossed(self, threshold: float) -> bool:
        return self.false_negative_rate(threshold) >= self.false_positive_rate(threshold)

    def _both(self, threshold: float) -> float:
        return self.false_negative_rate(threshold) + self.false_positive_rate(threshold)


def reportable(rate: float, comparisons: float, least: int = MIN_FALSE_MATCHES) -> bool:
    """Whether so many comparisons of strangers say anything of a rate: at least `least` of them may be false."""
    return comparisons * rate >= least * (1 - _ROUNDING)


def rank_rate(ranks: ArrayLike, rank: int, weights: ArrayLike | None = None) -> float:
    """Share of searches of enrolled people whose mate is at this rank or a better one; nan without searches.

    Args:
        ranks: (n,), of each mate, 1 is first.
        rank: 1 and up.
        weights: (n,), how often each search counts; default 1.
    """
    hits = np.asarray(ranks) <= rank
    if not hits.size:
        return float("nan")
    weight = np.ones(hits.size) if weights is None else np.asarray(weights, dtype=np.float64)
    return float(weight[hits].sum() / weight.sum())


def cllr(mates: ArrayLike, strangers: ArrayLike) -> float:
    """Cost of the log-likelihood ratio: 0 is perfect, 1 says nothing, more misleads.

    Args:
        mates: bans (m,).
        strangers: bans (n,).

    Source: N. Brummer, J. du Preez, Computer Speech and Language 20 (2006) 230-275.
    """
    for_mates = np.logaddexp(0, -np.log(10) * np.asarray(mates, dtype=np.float64)).mean()
    for_strangers = np.logaddexp(0, np.log(10) * np.asarray(strangers, dtype=np.float64)).mean()
    return float((for_mates + for_strangers) / (2 * np.log(2)))


def rounded_up(threshold: float) -> float | None:
    """To six decimals, never below: the rounded threshold must not accept more. None for what is not known."""
    return round(float(np.ceil(threshold * 1e6)) / 1e6, 6) if np.isfinite(threshold) else None


def rounded(value: float) -> float | None:
    """To six decimals; None for what is not known."""
    return round(float(value), 6) if np.isfinite(value) else None


def _ascending(scores: ArrayLike, weights: ArrayLike | None) -> tuple[Scores, Scores]:
    """Scores in order, and the weight below each place (n + 1,)."""
    values = np.asarray(scores, dtype=np.float64).ravel()
    order = None if len(values) < 2 or bool((values[1:] >= values[:-1]).all()) else np.argsort(values, kind="stable")
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    if order is not None:
        values, weight = values[order], weight[order]
    return values, np.concatenate([[0.0], np.cumsum(weight)])
