"""Does one threshold give one FPIR? What each capture's searches really find at the default threshold of a target.

A search's strangers are all chimeras that its pools can make: every other face with every pair of other fingers. What
share of them reaches a threshold is counted exactly, and so is the FPIR of a gallery of N drawn from them with
replacement: the mean over searches of 1 - (1 - share)^N. Nothing has to be simulated, so a million costs what a
thousand does. A gallery larger than the number of different chimeras repeats them: whoever is rarer than that was not
there to be met, and the FPIR is then a lower bound. That number is told with each capture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evaluation.chimeras import Bans, Crowd, Pools
from services.biometrics.evaluation.curves import rounded
from services.biometrics.evaluation.resampling import REPLICATES, Searches, interval
from services.biometrics.evidence import Rarity, Slot
from services.biometrics.identify.fusion import candidate_threshold

GALLERIES: Final = (100, 1_000, 10_000, 100_000, 1_000_000)
TARGETS: Final = (0.01, 0.001)


@dataclass(frozen=True)
class Models:
    """Whose scores were fused.

    Attributes:
        rarity: of both models' calibrations.
        face: model id.
        finger: model id.
    """

    rarity: Rarity
    face: str
    finger: str

    def slots(self, places: Sequence[int]) -> tuple[list[Slot], list[Slot]]:
        """Slots of the face and of the fingers, when these of face, one finger and the other were captured."""
        face, finger = Slot(((self.face, 1),)), Slot(((self.finger, 1),))
        return [face] * (0 in places), [finger] * len({1, 2} & set(places))

    def score(self, places: Sequence[int], evidence: Sequence[Bans]) -> NDArray[np.float64]:
        """The product's score of candidates (n,), from bans by face, one finger and the other, (n,) each."""
        face, fingers = self.slots(places)
        nothing = np.zeros(len(evidence[0]))
        prints = sum((evidence[place].astype(np.float64) for place in places if place), start=nothing)
        return np.atleast_1d(self.rarity.score(face, fingers, (evidence[0] if face else nothing, prints)))


@dataclass(frozen=True)
class _Bar:
    """A threshold as bans: reached by the sum, by the face alone, or by the fingers alone."""

    together: float
    face: float
    fingers: float


def at_targets(
    crowd: Crowd, searches: Searches, models: Models, captures: Mapping[str, tuple[int, ...]], seed: int = 1
) -> dict[str, Any]:
    """FPIR and FNIR at the default threshold, by target FPIR, capture and size of gallery.

    Args:
        crowd: of the searches.
        searches: whose sources they have; for intervals.
        models: what the product fuses by.
        captures: which of face, one finger and the other, by name.
        seed: of the redrawing.
    """
    pools = [crowd.pools(search) for search in range(len(crowd))]
    return {
        name: {
            "distinct": int(np.median([_distinct(each, places) for each in pools[:50]])),
            "targets": _rows(pools, places, models, searches, seed),
        }
        for name, places in captures.items()
    }


def _rows(pools: list[Pools], places: tuple[int, ...], models: Models, searches: Searches, seed: int) -> dict[str, Any]:
    cases = [(target, size) for target in TARGETS for size in GALLERIES]
    bars = [_bar(models, places, candidate_threshold(size, target)) for target, size in cases]
    shares = np.array([_shares(each, places, bars) for each in pools])
    mates = np.array([each.mate for each in pools], dtype=np.float32).T
    scores = models.score(places, list(mates))
    rows: dict[str, Any] = {str(target): {} for target in TARGETS}
    for (target, size), share in zip(cases, shares.T, strict=True):
        threshold = candidate_threshold(size, target)
        found = -np.expm1(size * np.log1p(-np.minimum(share, 1 - 1e-12)))
        missed = (scores < threshold).astype(np.float64)
        rows[str(target)][str(size)] = {
            "threshold": rounded(threshold),
            "fpir": float(f"{found.mean():.3g}"),
            "fnir": rounded(float(missed.mean())),
            "ci": {"fpir": _interval(found, searches, seed), "fnir": _interval(missed, searches, seed)},
        }
    return rows


def _interval(values: NDArray[np.float64], searches: Searches, seed: int) -> list[float] | None:
    rng = np.random.default_rng(seed)
    weights = (searches.redrawn_weights(rng) for _ in range(REPLICATES))
    return interval([float(each @ values / each.sum()) for each in weights if each.any()], searches.independent)


def _bar(models: Models, places: tuple[int, ...], threshold: float) -> _Bar:
    face, fingers = models.slots(places)
    rarity = models.rarity
    if not face or not fingers:
        return _Bar(rarity.bans_at([*face, *fingers], threshold), np.inf, np.inf)
    together, alone = rarity.handicaps
    return _Bar(
        rarity.bans_at([*face, *fingers], threshold + together),
        rarity.bans_at(face, threshold + alone),
        rarity.bans_at(fingers, threshold + alone),
    )


def _distinct(pools: Pools, places: tuple[int, ...]) -> int:
    return (len(pools.face) if 0 in places else 1) * len(_prints(pools, places))


def _prints(pools: Pools, places: tuple[int, ...]) -> Bans:
    """Sums of bans of all that strangers' fingers can be, ascending."""
    one, other = pools.fingers
    if 1 not in places:
        return np.zeros(1, dtype=np.float32)
    if 2 not in places:
        return np.sort(one.ravel())
    sums = one[:, :, None, None] + other[None, None]
    different = ~np.eye(len(one), dtype=bool)
    kept: Bans = np.sort(sums.transpose(0, 2, 1, 3)[different].ravel())
    return kept


def _shares(pools: Pools, places: tuple[int, ...], bars: Sequence[_Bar]) -> list[float]:
    """Share of a search's strangers that reach each bar."""
    prints = _prints(pools, places)
    face = pools.face.astype(np.float64) if 0 in places else np.zeros(1)
    return [_share(face, prints, bar) for bar in bars]


def _share(face: NDArray[np.float64], prints: Bans, bar: _Bar) -> float:
    needed = np.where(face >= bar.face, -np.inf, np.minimum(bar.together - face, bar.fingers))
    reaching = len(prints) - np.searchsorted(prints, needed, side="left")
    return float(reaching.mean() / len(prints))
