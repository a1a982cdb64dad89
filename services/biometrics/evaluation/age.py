"""How wrong ages estimated from faces are, and how many minors they miss: by group, with intervals.

Photos are named as UTKFace names them: `AGE_SEX_GROUP_anything.jpg`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evaluation.folders import EmptyFolderError

ADULT: Final = 18
RATES: Final = {"0.05": 0.05, "0.1": 0.1}
"""Shares of adults who may be taken for minors."""
_NAME: Final = re.compile(r"(\d{1,3})_([01])_([0-4])_")
_SEXES: Final = ("male", "female")
_GROUPS: Final = ("White", "Black", "Asian", "Indian", "other")
_DRAWS: Final = 500
_LEAST: Final = 10
"""Minors, and adults, of a group of whom rates are told."""

Floats = NDArray[np.float64]
Figure = Callable[[Floats, Floats], float]


@dataclass(frozen=True)
class AgedPhoto:
    """A photo whose subject's age is known; the labels are those of the set's authors."""

    path: Path
    age: int
    group: str
    sex: str


def find_aged_photos(folder: Path) -> list[AgedPhoto]:
    """The photos of a folder, in order of their names.

    Raises:
        EmptyFolderError: none.
    """
    found = [
        AgedPhoto(path, int(named[1]), _GROUPS[int(named[3])], _SEXES[int(named[2])])
        for path in sorted(folder.glob("*.jpg"))
        if (named := _NAME.match(path.name))
    ]
    if not found:
        raise EmptyFolderError("no photo named AGE_SEX_GROUP_….jpg")
    return found


def measure_ages(photos: Sequence[AgedPhoto], estimates: Floats, seed: int = 1) -> dict[str, Any]:
    """Mean error, how well minors are told from adults, and minors missed.

    Args:
        photos: n of them.
        estimates: float64 (n,), years.
        seed: of the intervals (`ci`): 95 %, by drawing photos again.
    """
    true = np.array([photo.age for photo in photos], dtype=np.float64)
    limits = {name: _limit(true, estimates, rate) for name, rate in RATES.items()}
    labels = {
        **{group: np.array([photo.group == group for photo in photos]) for group in _GROUPS},
        **{sex: np.array([photo.sex == sex for photo in photos]) for sex in _SEXES},
    }
    return {
        "n": len(true),
        **_figures(true, estimates, limits, seed),
        "limits": {name: round(limit, 2) for name, limit in limits.items()},
        "by_group": {
            label: {"n": int(chosen.sum()), **_figures(true[chosen], estimates[chosen], limits, seed)}
            for label, chosen in labels.items()
            if chosen.sum() >= _LEAST
        },
    }


def _figures(true: Floats, estimates: Floats, limits: dict[str, float], seed: int) -> dict[str, Any]:
    minors = int((true < ADULT).sum())
    figures: dict[str, Any] = {"mae": _mae}
    if min(minors, len(true) - minors) >= _LEAST:
        figures["auc_minor"] = _auc
        for kind, rate in (("fnr_at_fpr", _missed), ("fpr", _taken)):
            figures[kind] = {name: partial(rate, limit=limit) for name, limit in limits.items()}
    draws = np.random.default_rng(seed).integers(0, len(true), (_DRAWS, len(true)))

    def value(figure: Figure) -> float:
        return round(figure(true, estimates), 4)

    def interval(figure: Figure) -> list[float]:
        drawn = [figure(true[some], estimates[some]) for some in draws]
        return [round(float(edge), 4) for edge in np.nanquantile(drawn, (0.025, 0.975))]

    return {"n_minors": minors, **_each(figures, value), "ci": _each(figures, interval)}


def _each(figures: dict[str, Any], say: Callable[[Figure], Any]) -> dict[str, Any]:
    return {name: _each(each, say) if isinstance(each, dict) else say(each) for name, each in figures.items()}


def _limit(true: Floats, estimates: Floats, rate: float) -> float:
    """The estimate below which so many adults are."""
    return float(np.quantile(estimates[true >= ADULT], rate)) if (true >= ADULT).any() else float("nan")


def _mae(true: Floats, estimates: Floats) -> float:
    return float(np.abs(true - estimates).mean())


def _auc(true: Floats, estimates: Floats) -> float:
    """Chance that a minor is estimated younger than an adult."""
    minors, adults = estimates[true < ADULT], np.sort(estimates[true >= ADULT])
    older = len(adults) - np.searchsorted(adults, minors, side="right")
    same = np.searchsorted(adults, minors, side="right") - np.searchsorted(adults, minors, side="left")
    return float((older + same / 2).mean() / len(adults)) if len(minors) and len(adults) else float("nan")


def _missed(true: Floats, estimates: Floats, limit: float) -> float:
    """Share of minors who are estimated at the limit or above."""
    return float((estimates[true < ADULT] >= limit).mean()) if (true < ADULT).any() else float("nan")


def _taken(true: Floats, estimates: Floats, limit: float) -> float:
    """Share of adults who are estimated below the limit."""
    return float((estimates[true >= ADULT] < limit).mean()) if (true >= ADULT).any() else float("nan")
