"""Faces: one to one over all pairs of photos, and one to many with one photo of each person enrolled."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evaluation.charts import Histogram
from services.biometrics.evaluation.curves import ScoreCurves, rank_rate, reportable, rounded, rounded_up
from services.biometrics.evaluation.extraction import Extracted
from services.biometrics.evaluation.folders import Photo
from services.biometrics.evaluation.resampling import Comparisons, Figure, Searches, intervals

RATES: Final = {"1e-2": 1e-2, "1e-3": 1e-3, "1e-4": 1e-4, "1e-5": 1e-5, "1e-6": 1e-6}
FPIRS: Final = {"0.01": 0.01, "0.001": 0.001}
GROUP_RATE: Final = "1e-4"
"""FMR of all people whose threshold is laid on each group."""

_BLOCK: Final = 512
_KEPT_STRANGERS: Final = 4_000_000
"""Pairs of strangers that are kept one by one, the highest: 96 MB. All of them up to some 2,800 photos."""
_BINS: Final = 200

Embeddings = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FaceFigures:
    """What was measured: the document that a command prints, and what its charts are drawn from."""

    document: dict[str, Any]
    one_to_one: ScoreCurves
    one_to_many: ScoreCurves | None
    histogram: Histogram


def measure_faces(
    extracted: Extracted[Photo, Embeddings], groups: Mapping[str, str] | None = None, seed: int = 1
) -> FaceFigures:
    """The figures of one engine on one folder.

    Args:
        extracted: unit embeddings (dimension,) of one model.
        groups: label by person, for figures by group.
        seed: of the intervals.
    """
    embeddings = np.stack(extracted.samples)
    names, owner = _numbered([source.person for source in extracted.sources])
    pairs, histogram = compare_all(embeddings, owner)
    searches = search_all(embeddings, owner)
    curves = pairs.curves()
    document = {
        "n_people": len(names),
        "n_photos": len(extracted.sources) + sum(extracted.refused.values()),
        "n_genuine": len(pairs.mates),
        "n_impostor": pairs.n_strangers,
        **extracted.described(),
        **_one_to_one(curves),
        **_one_to_many(searches, len(names)),
        "cpu_ms_per_photo": extracted.median_cpu_ms,
        "ci": _face_intervals(pairs, searches, seed),
    }
    if groups:
        document["by_group"] = _by_group(pairs, names, groups)
    return FaceFigures(document, curves, searches.curves() if searches else None, histogram)


def compare_all(embeddings: Embeddings, owner: NDArray[np.intp]) -> tuple[Comparisons, Histogram]:
    """All pairs of photos, block by block: memory grows with the photos, not with their square.

    Args:
        embeddings: float32 (n, d), unit norm.
        owner: (n,), number of each photo's person.
    """
    edges = np.linspace(-1, 1, _BINS + 1)
    counts = np.zeros((2, _BINS), dtype=np.int64)
    kept = _Highest(_KEPT_STRANGERS)
    mates: list[NDArray[Any]] = []
    strangers = 0
    for scores, one, other in _pairs(embeddings, owner):
        same = one == other
        counts += np.stack([np.histogram(scores[same], edges)[0], np.histogram(scores[~same], edges)[0]])
        mates.append(np.stack([scores[same], one[same]]))
        strangers += int((~same).sum())
        kept.add(scores[~same], one[~same], other[~same])
    genuine = np.concatenate(mates, axis=1)
    scores, one, other = kept.all()
    own = genuine[1].astype(np.intp)
    everything = Comparisons.of(
        np.concatenate([genuine[0], scores]),
        np.concatenate([own, one]),
        np.concatenate([own, other]),
        np.bincount(owner),
        strangers,
    )
    return everything, Histogram(edges, counts[0], counts[1])


def search_all(embeddings: Embeddings, owner: NDArray[np.intp]) -> Searches | None:
    """Each person's first photo enrolled, all others searched; None when nobody has a second photo."""
    _, first = np.unique(owner, return_index=True)
    probes = np.setdiff1d(np.arange(len(owner)), first)
    if not len(probes) or len(first) < 2:
        return None
    gallery = embeddings[first]
    found = [
        _search(embeddings[some], gallery, owner[some]) for some in np.split(probes, range(_BLOCK, len(probes), _BLOCK))
    ]
    mates, ranks, best = (np.concatenate(part) for part in zip(*found, strict=True))
    return Searches(mates, ranks, best, owner[probes][:, None])


def _search(probes: Embeddings, gallery: Embeddings, mate: NDArray[np.intp]) -> tuple[NDArray[Any], ...]:
    scores = (probes @ gallery.T).astype(np.float64)
    rows = np.arange(len(probes))
    own = scores[rows, mate].copy()
    scores[rows, mate] = -np.inf
    return own, 1 + (scores >= own[:, None]).sum(axis=1), scores.max(axis=1)


class _Highest:
    """The highest scores of many that come by and by, with both people of each."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[tuple[NDArray[Any], ...]] = []
        self._held = 0

    def add(self, *columns: NDArray[Any]) -> None:
        self._parts.append(columns)
        self._held += len(columns[0])
        if self._held > 2 * self._most:
            self._parts = [self.all()]
            self._held = len(self._parts[0][0])

    def all(self) -> tuple[NDArray[Any], ...]:
        columns = tuple(np.concatenate(part) for part in zip(*self._parts, strict=True))
        if len(columns[0]) <= self._most:
            return columns
        chosen = np.argpartition(columns[0], -self._most)[-self._most :]
        return tuple(column[chosen] for column in columns)


def _pairs(embeddings: Embeddings, owner: NDArray[np.intp]) -> Iterator[tuple[NDArray[Any], ...]]:
    """(scores, person, other person) of all pairs, each once."""
    for start in range(0, len(embeddings), _BLOCK):
        rows = embeddings[start : start + _BLOCK]
        scores = (rows @ embeddings[start:].T).astype(np.float64)
        upper = np.triu(np.ones(scores.shape, dtype=np.bool_), 1)
        one, other = np.nonzero(upper)
        yield scores[upper], owner[start + one], owner[start + other]


def _one_to_one(curves: ScoreCurves) -> dict[str, Any]:
    known = {name: rate for name, rate in RATES.items() if reportable(rate, curves.n_strangers)}
    fnmr = {name: curves.false_negatives_at(rate) if name in known else float("nan") for name, rate in RATES.items()}
    return {
        "eer": rounded(curves.equal_error_rate()),
        "tar": {name: rounded(1 - value) for name, value in fnmr.items()},
        "thresholds": {name: rounded_up(curves.threshold_at(rate)) for name, rate in known.items()},
        "zerofmr": rounded(curves.zero_fmr()),
    }


def _one_to_many(searches: Searches | None, people: int) -> dict[str, Any]:
    if searches is None:
        return {"rank1": None, "rank10": None, "tpir_at_fpir": dict.fromkeys(FPIRS), "n_searches": 0, "gallery": people}
    curves = searches.curves()
    return {
        "rank1": rounded(rank_rate(searches.ranks, 1)),
        "rank10": rounded(rank_rate(searches.ranks, 10)),
        "tpir_at_fpir": {name: rounded(1 - _fnir(curves, rate)) for name, rate in FPIRS.items()},
        "n_searches": len(searches.mates),
        "gallery": people,
    }


def _fnir(curves: ScoreCurves, rate: float) -> float:
    """FNIR at an FPIR, where at least one search may be a false positive: each is the best of a whole gallery."""
    return curves.false_negatives_at(rate) if reportable(rate, curves.n_strangers, 1) else float("nan")


def _face_intervals(pairs: Comparisons, searches: Searches | None, seed: int) -> dict[str, Any]:
    rates = {name: rate for name, rate in RATES.items() if reportable(rate, pairs.n_strangers)}
    figures: dict[str, Figure] = {"eer": ScoreCurves.equal_error_rate}
    figures |= {f"tar.{name}": _tar(rate) for name, rate in rates.items()}
    found = intervals(pairs, figures, seed) if len(pairs.mates) else {}
    if searches:
        found |= intervals(searches, {f"tpir_at_fpir.{name}": _tpir(rate) for name, rate in FPIRS.items()}, seed)
        found["rank1"] = searches.rank_interval(1, seed)
    return found


def _tar(rate: float) -> Figure:
    return lambda curves: 1 - curves.false_negatives_at(rate)


def _tpir(rate: float) -> Figure:
    return lambda curves: 1 - _fnir(curves, rate)


def _by_group(pairs: Comparisons, names: Sequence[str], groups: Mapping[str, str]) -> dict[str, Any]:
    """Within each group: its FMR and TAR at the threshold at which all people together have an FMR of GROUP_RATE."""
    label = np.array([groups.get(name, "") for name in names])
    rate = next((known for known in (GROUP_RATE, "1e-3", "1e-2") if reportable(RATES[known], pairs.n_strangers)), None)
    threshold = float("nan") if rate is None else pairs.curves().threshold_at(RATES[rate])
    return {
        group: {"n_people": int((label == group).sum()), "at_fmr_of_all": rate}
        | _in_group(pairs.weighted((label == group).astype(np.float64)), threshold)
        for group in sorted(set(label) - {""})
    }


def _in_group(curves: ScoreCurves, threshold: float) -> dict[str, Any]:
    return {
        "n_impostor": int(curves.n_strangers),
        "fmr": rounded(curves.false_positive_rate(threshold)),
        "tar": rounded(1 - curves.false_negative_rate(threshold)),
        "eer": rounded(curves.equal_error_rate()),
    }


def _numbered(names: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    known = list(Counter(names))
    number = {name: place for place, name in enumerate(known)}
    return known, np.array([number[name] for name in names], dtype=np.intp)
