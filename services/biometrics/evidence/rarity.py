"""How rare the evidence of a whole candidate is among strangers, whatever was compared.

The sum of bans ranks candidates, but the same sum is reached by more strangers where more was compared, or where the
best of many comparisons counts. The calibrations give the distribution of a stranger's bans for each thing compared;
those of different things are independent, so the distribution of their sum is the convolution. Its tail is the
candidate's score: **one stranger in 10^score, compared on the same things, reaches as much**. So one threshold is one
rate of false candidates, whatever was captured: among N strangers, N / 10^threshold.

Where a face and fingers were compared, each is heard alone too (a twin, a spoofed or a swapped print must not be
averaged away). Three chances to be wrong would be more than one: `FUSED_SHARE` of the rate is given to the sum, the
rest to the two that speak alone (Bonferroni's inequality), so that together they keep it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evidence.calibration import AGAINST_AT_MOST, CLAIMED_AT_MOST, Calibration

FUSED_SHARE: Final = 0.8
ALONE_SHARE: Final = (1 - FUSED_SHARE) / 2
"""Of the rate of false candidates, for a modality that is heard alone: it has to be ten times as rare."""

_STEP: Final = 0.02
_CELLS: Final = round((CLAIMED_AT_MOST - AGAINST_AT_MOST) / _STEP) + 1
_RAREST: Final = 1e-300
_SCORES: Final = 8001
_BEYOND: Final = 1e-6
"""Past the last knot of either tail, so that the most that is claimed is among the scores looked at."""

Levels = NDArray[np.float64]


@dataclass(frozen=True)
class Slot:
    """One thing that is counted once: the face, or a finger; and what its evidence was chosen from.

    Attributes:
        comparisons: (model id, how many), of which the best counts.
        only_for: whether it cannot speak against, for it may be another finger.
    """

    comparisons: tuple[tuple[str, int], ...]
    only_for: bool = False


class Rarity:
    """Turns sums of bans into -log10 of the share of strangers that reach them.

    Args:
        calibrations: by model id; each slot's models must be there.
    """

    def __init__(self, calibrations: Mapping[str, Calibration]) -> None:
        self._calibrations = MappingProxyType(dict(calibrations))
        self._below = lru_cache(maxsize=256)(self._cumulative)
        self._tail = lru_cache(maxsize=512)(self._tail_of)

    def of_sum(self, slots: Sequence[Slot], bans: float | NDArray[np.floating]) -> Levels:
        """-log10 of the share of strangers that reach a sum of bans over these slots.

        Args:
            slots: what was compared; none: nothing is rare.
            bans: the sum, or (n,) of them.

        Returns:
            0 and up; float64 () or (n,).
        """
        if not slots:
            return np.zeros(np.shape(bans))
        first, levels = self._tail(tuple(sorted(slots, key=repr)))
        place = (np.asarray(bans, dtype=np.float64) - first) / _STEP
        return np.interp(place, np.arange(len(levels)), levels)

    def score(
        self,
        face: Sequence[Slot],
        fingers: Sequence[Slot],
        bans: tuple[float | NDArray[np.floating], float | NDArray[np.floating]],
    ) -> Levels:
        """A candidate's score: the rarest of what the sum, the face alone and the fingers alone say.

        Args:
            face: the face's slot, or none.
            fingers: a slot for each finger that was compared.
            bans: the face's and the sum of the fingers'; or (n,) of each.
        """
        one, other = bans
        together = self.of_sum([*face, *fingers], np.asarray(one) + np.asarray(other))
        if not face or not fingers:
            return together
        alone = np.maximum(self.of_sum(face, one), self.of_sum(fingers, other)) + math.log10(ALONE_SHARE)
        best: Levels = np.maximum(np.maximum(together + math.log10(FUSED_SHARE), alone), 0.0)
        return best

    @property
    def handicaps(self) -> tuple[float, float]:
        """How much rarer than a score the sum, and what is heard alone, have to be where face and fingers are there."""
        return -math.log10(FUSED_SHARE), -math.log10(ALONE_SHARE)

    def bans_at(self, slots: Sequence[Slot], score: float) -> float:
        """The lowest sum of bans over these slots that is so rare; infinite when none is. Inverse of `of_sum`."""
        first, levels = self._tail(tuple(sorted(slots, key=repr)))
        if score > levels[-1]:
            return math.inf
        place = int(np.searchsorted(levels, score, side="left"))
        if place == 0:
            return -math.inf
        part = (score - levels[place - 1]) / (levels[place] - levels[place - 1])
        return float(first + _STEP * (place - 1 + part))

    def _cumulative(self, slot: Slot) -> NDArray[np.float64]:
        """Share of strangers whose best comparison stays below each cell's lower edge; the last is 1."""
        below = np.ones(_CELLS + 1)
        for model_id, count in slot.comparisons:
            below[:-1] *= (1 - self._reaching(model_id)) ** count
        return below

    def _mass(self, slot: Slot) -> NDArray[np.float64]:
        """Share of strangers in each cell; in the tail not from 1 - x, which would lose what is rare."""
        reach = np.zeros(_CELLS + 1)
        below = self._below(slot)
        exact = np.zeros(_CELLS + 1)
        for model_id, count in slot.comparisons:
            exact[:-1] += count * self._reaching(model_id)
        reach[:-1] = np.where(exact[:-1] < 1e-6, exact[:-1], 1 - below[:-1])
        mass = np.maximum(reach[:-1] - reach[1:], 0.0)
        if slot.only_for:
            zero = round(-AGAINST_AT_MOST / _STEP)
            mass[zero] += mass[:zero].sum()
            mass[:zero] = 0.0
        return mass

    def _reaching(self, model_id: str) -> NDArray[np.float64]:
        """Share of one stranger's comparisons whose bans reach each cell's lower edge."""
        calibration = self._calibrations[model_id]
        most = max(calibration.highest, calibration.mates[-1][0]) + _BEYOND
        scores = np.linspace(calibration.strangers[0][0], most, _SCORES)
        bans = calibration.bans_of(scores)
        levels = calibration.minus_log10_fmr_of(scores)
        edges = AGAINST_AT_MOST + _STEP * np.arange(_CELLS)
        place = np.searchsorted(bans, edges - 1e-9, side="left")
        reach = np.append(10.0**-levels, 0.0)[place]
        reach[0] = 1.0
        return reach

    def _tail_of(self, slots: tuple[Slot, ...]) -> tuple[float, Levels]:
        """The sum at the first place, and -log10 of the share that reaches each place."""
        mass = np.ones(1)
        for slot in slots:
            mass = np.convolve(mass, self._mass(slot))
        reach = np.cumsum(mass[::-1])[::-1]
        first = len(slots) * AGAINST_AT_MOST + (len(slots) - 1) / 2 * _STEP
        return first, np.maximum(-np.log10(np.maximum(reach, _RAREST)), 0.0)
