"""What was compared, of whom; and how far its figures would move with other people: bootstrap by identity.

Pairs share people, so they are not independent and are never resampled as such: people are drawn with replacement, and
a pair counts as often as both its people were drawn together.

Source: ISO/IEC 19795-1:2021, annex on confidence; R. M. Bolle, N. K. Ratha, S. Pankanti, Computer Vision and Image
Understanding 93 (2004) 1-25 (subset bootstrap).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evaluation.curves import ScoreCurves, rank_rate

REPLICATES: Final = 200
_PERCENTILES: Final = (2.5, 97.5)
_FINITE: Final = 0.9
"""Share of replicates in which a figure must exist for its interval to be told."""

People = NDArray[np.intp]
Weights = NDArray[np.float64]
Figure = Callable[[ScoreCurves], float]


class Measured(Protocol):
    """Scores with their people."""

    @property
    def independent(self) -> int:
        """How many people, or fingers, the mates are of: what an interval rests on when no error was seen."""
        ...

    def curves(self) -> ScoreCurves:
        """Everybody once."""
        ...

    def redrawn(self, rng: np.random.Generator) -> ScoreCurves:
        """People drawn with replacement."""
        ...


@dataclass(frozen=True, eq=False)
class Comparisons:
    """One-to-one comparisons.

    Attributes:
        mates: float64 (m,), ascending.
        mate_of: (m,), person of each.
        strangers: float64 (k,), ascending; all of them, or the k highest.
        stranger_of: (k, 2), both people of each.
        items: (people,), how many photos or prints each person has.
        n_strangers: how many there were in all.
    """

    mates: NDArray[np.float64]
    mate_of: People
    strangers: NDArray[np.float64]
    stranger_of: People
    items: NDArray[np.intp]
    n_strangers: int

    @property
    def independent(self) -> int:
        """People who have mates."""
        return len(np.unique(self.mate_of))

    @classmethod
    def of(
        cls, scores: NDArray[np.float64], one: People, other: People, items: NDArray[np.intp], n_strangers: int
    ) -> "Comparisons":
        """From pairs (n,) in any order and the people of either side; same person: mates."""
        same = one == other
        order = np.argsort(scores, kind="stable")
        mates, strangers = order[same[order]], order[~same[order]]
        both = np.stack([one[strangers], other[strangers]], axis=1)
        return cls(scores[mates], one[mates], scores[strangers], both, items, n_strangers)

    def curves(self) -> ScoreCurves:
        """Everybody once."""
        return ScoreCurves(self.mates, self.strangers, n_strangers=self.n_strangers)

    def redrawn(self, rng: np.random.Generator) -> ScoreCurves:
        """People drawn with replacement."""
        drawn = draw(len(self.items), rng)
        return self.weighted(drawn)

    def weighted(self, people: Weights) -> ScoreCurves:
        """Each person counted so often; (people,), 0 leaves somebody out."""
        pairs = people[self.stranger_of[:, 0]] * people[self.stranger_of[:, 1]]
        complete = len(self.strangers) == self.n_strangers
        total = float(pairs.sum()) if complete else _pairs_of(people * self.items)
        return ScoreCurves(
            self.mates,
            self.strangers,
            n_strangers=total,
            mate_weights=people[self.mate_of],
            stranger_weights=pairs,
        )


@dataclass(frozen=True, eq=False)
class Searches:
    """One-to-many searches: each with the mate enrolled, and again with the mate left out.

    Attributes:
        mates: float64 (n,), the mate's score.
        ranks: (n,), of the mate among all candidates; ties count against it.
        strangers: float64 (n,), the best score of anybody else: what the search finds when the mate is not enrolled.
        sources: (n, s), numbers of the people, or of the person and the fingers, that each search was made from; what
            is drawn is drawn for each column apart.
    """

    mates: NDArray[np.float64]
    ranks: NDArray[np.intp]
    strangers: NDArray[np.float64]
    sources: People

    @property
    def independent(self) -> int:
        """Different people, or different fingers if those are fewer."""
        return min(len(np.unique(pool)) for pool in _pools(self.sources))

    def curves(self) -> ScoreCurves:
        """Every search once."""
        return ScoreCurves(self.mates, self.strangers)

    def redrawn(self, rng: np.random.Generator) -> ScoreCurves:
        """People drawn with replacement; who is enrolled stays."""
        weights = self.redrawn_weights(rng)
        return ScoreCurves(self.mates, self.strangers, mate_weights=weights, stranger_weights=weights)

    def redrawn_weights(self, rng: np.random.Generator) -> Weights:
        """(n,): how often each search counts when its sources are drawn with replacement."""
        weights = np.ones(len(self.mates))
        for pool in _pools(self.sources):
            number, place = np.unique(pool, return_inverse=True)
            weights *= draw(len(number), rng)[place.reshape(pool.shape)].prod(axis=1)
        return weights

    def rank_interval(self, rank: int, seed: int, replicates: int = REPLICATES) -> list[float] | None:
        """95 % interval of the share of mates at this rank or better."""
        rng = np.random.default_rng(seed)
        weights = (self.redrawn_weights(rng) for _ in range(replicates))
        return interval([rank_rate(self.ranks, rank, each) for each in weights if each.any()], self.independent)


def draw(people: int, rng: np.random.Generator) -> Weights:
    """How often each of so many people comes when so many are drawn with replacement: float64 (people,)."""
    return np.bincount(rng.integers(0, people, people), minlength=people).astype(np.float64)


def intervals(
    measured: Measured, figures: Mapping[str, Figure], seed: int = 1, replicates: int = REPLICATES
) -> dict[str, Any]:
    """95 % percentile intervals of figures, all from the same replicates; None where too few replicates give one."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[float]] = {name: [] for name in figures}
    for _ in range(replicates):
        curves = measured.redrawn(rng)
        for name, figure in figures.items():
            found[name].append(figure(curves))
    return {name: interval(values, measured.independent) for name, values in found.items()}


def interval(values: list[float], independent: int) -> list[float] | None:
    """The 95 % percentile interval of a rate's replicates; None when too many of them do not have it.

    Args:
        values: of the rate, one a replicate.
        independent: people the rate rests on. Drawing anew never shows an error that nobody made: where all replicates
            are 0, or all 1, the bound is the exact binomial one for so many people.
    """
    finite = [value for value in values if np.isfinite(value)]
    if not finite or len(finite) < _FINITE * len(values):
        return None
    low, high = (float(bound) for bound in np.percentile(finite, _PERCENTILES))
    unseen = 1 - 0.025 ** (1 / max(independent, 1))
    if low == high == 0:
        high = unseen
    elif low == high == 1:
        low = 1 - unseen
    return [round(low, 6), round(high, 6)]


def _pairs_of(items: Weights) -> float:
    """Pairs of items of different people."""
    return float(items.sum() ** 2 - (items**2).sum()) / 2


def _pools(sources: People) -> list[People]:
    """Columns that number the same things: the first (faces), and the others together (fingers)."""
    return [part for part in (sources[:, :1], sources[:, 1:]) if part.size]
