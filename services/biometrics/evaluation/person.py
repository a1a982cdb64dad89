"""Persons: a face and two fingers searched together in a large gallery, by the fusion that the product uses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evaluation.charts import Histogram
from services.biometrics.evaluation.chimeras import Bans, Crowd, Faces, Fingers
from services.biometrics.evaluation.curves import ScoreCurves, cllr, rank_rate, reportable, rounded, rounded_up
from services.biometrics.evaluation.extraction import Progress
from services.biometrics.evaluation.face import FPIRS
from services.biometrics.evaluation.learned_fusion import LearnedFusion, learn
from services.biometrics.evaluation.resampling import REPLICATES, Searches, intervals
from services.biometrics.evaluation.targets import Models, at_targets

Fusion = Callable[[Sequence[Bans]], Bans]
"""From bans by face, one finger and the other, (n,) each, to one figure (n,), larger for what is more alike."""

FULL: Final = "face + 2 fingers"
CAPTURES: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {"face": (0,), "1 finger": (1,), "2 fingers": (1, 2), "face + 1 finger": (0, 1), FULL: (0, 1, 2)}
)
"""What was captured on both sides: which of face, one finger and the other."""

STRANGERS_A_SEARCH: Final = 50
_BINS: Final = 80


@dataclass(frozen=True)
class Draw:
    """How the trial is made.

    Attributes:
        distractors: how many chimeras are enrolled besides the folder's people.
        searches: how many.
        seed: of all that is drawn.
    """

    distractors: int
    searches: int
    seed: int = 1

    def crowd(self, faces: Faces, databases: Sequence[Fingers]) -> Crowd:
        """Whom the searches meet besides the mate."""
        return Crowd(faces, databases, faces.bans.shape[1] - 1 + self.distractors, self.searches, self.seed)


@dataclass(frozen=True, eq=False)
class PersonFigures:
    """What was measured: the document that a command prints, and what its charts are drawn from."""

    document: dict[str, Any]
    curves: dict[str, ScoreCurves]
    histogram: Histogram


@dataclass(frozen=True, eq=False)
class Found:
    """All searches, by each fusion, with a sample of comparisons.

    Attributes:
        searches: by name of the fusion.
        mates: float64 (n, 3), bans by modality.
        strangers: float64 (m, 3), likewise, of members of the crowd.
    """

    searches: dict[str, Searches]
    mates: NDArray[np.float64]
    strangers: NDArray[np.float64]


def sum_of(capture: str) -> Fusion:
    """The sum of bans of what was captured, as `identify.fusion` counts fingers of known position."""
    places = CAPTURES[capture]
    return lambda evidence: sum((evidence[place] for place in places[1:]), start=evidence[places[0]])


def score_of(capture: str, models: Models) -> Fusion:
    """The product's score of what was captured."""
    return lambda evidence: models.score(CAPTURES[capture], evidence).astype(np.float32)


def measure_persons(
    faces: Faces, databases: Sequence[Fingers], models: Models, draw: Draw, came: Progress
) -> PersonFigures:
    """The figures of the fusion on chimeric people.

    Args:
        faces: evidence of photos.
        databases: evidence of prints, by kind of scanner.
        models: what the product's score is made by.
        draw: how many distractors and searches.
        came: called after each search.
    """
    crowd = draw.crowd(faces, databases)
    found = search_all(faces, crowd, {name: score_of(name, models) for name in CAPTURES}, came)
    rows = {name: _row(searches, draw.seed) for name, searches in found.searches.items()}
    document = {
        **rows[FULL],
        "gallery": faces.bans.shape[1] + draw.distractors,
        "n_people": faces.bans.shape[1],
        "n_probe_photos": len(faces.person),
        "n_fingers": sum(len(each.counts) for each in databases),
        "distractors": draw.distractors,
        "n_searches": draw.searches,
        "cllr": rounded(cllr(found.mates.sum(axis=1), found.strangers.sum(axis=1))),
        "by_capture": rows,
        "at_target": at_targets(crowd, found.searches[FULL], models, CAPTURES, draw.seed),
    }
    curves = {name: searches.curves() for name, searches in found.searches.items()}
    return PersonFigures(document, curves, _histogram(found))


def compare_fusions(
    learned_from: tuple[Faces, Sequence[Fingers]],
    tried_on: tuple[Faces, Sequence[Fingers]],
    draw: Draw,
    came: Progress,
    capture: str = FULL,
) -> dict[str, Any]:
    """The sum of bans beside learned weights: weights from one half of people and fingers, figures from the other.

    Args:
        learned_from: faces and fingers that the weights are fitted on.
        tried_on: other people's faces and other fingers.
        draw: as in `measure_persons`, in both.
        came: called after each search of either half.
        capture: with a face and at least one finger.

    Returns:
        Both fusions' figures, the weights, and the interval of the gain (FNIR of the sum less FNIR of the learned
        weights, over the same redrawn people and fingers).
    """
    places = list(CAPTURES[capture])
    known = search_all(learned_from[0], draw.crowd(*learned_from), {"sum": sum_of(capture)}, came)
    weights = learn(known.mates[:, places], known.strangers[:, places])
    fusions = {"sum": sum_of(capture), "learned": weights.bans}
    found = search_all(tried_on[0], draw.crowd(*tried_on), fusions, came)
    rows: dict[str, Any] = {name: _row(searches, draw.seed) for name, searches in found.searches.items()}
    for name, fusion in fusions.items():
        mates, strangers = (fusion(list(each.T.astype(np.float32))) for each in (found.mates, found.strangers))
        rows[name]["cllr"] = rounded(cllr(mates, strangers))
    rows["learned"] |= _described(weights)
    gains = {name: _gains(found.searches["sum"], found.searches["learned"], rate, draw) for name, rate in FPIRS.items()}
    return rows | {"gallery": tried_on[0].bans.shape[1] + draw.distractors, "gain": gains}


def search_all(faces: Faces, crowd: Crowd, fusions: Mapping[str, Fusion], came: Progress) -> Found:
    """Every search against its mate and its crowd, by each fusion."""
    rows, mates, strangers = [], [], []
    for search in range(len(crowd)):
        evidence = crowd.evidence(search)
        mates.append(evidence.mate)
        strangers.append(np.stack([part[:STRANGERS_A_SEARCH] for part in evidence.crowd], axis=1))
        rows.append([_searched(fusion, evidence.mate, evidence.crowd) for fusion in fusions.values()])
        came()
    sources, table = _sources(faces, crowd), np.array(rows, dtype=np.float64)
    searches = {
        name: Searches(table[:, place, 0], table[:, place, 1].astype(np.intp), table[:, place, 2], sources)
        for place, name in enumerate(fusions)
    }
    return Found(searches, np.array(mates, dtype=np.float64), np.concatenate(strangers).astype(np.float64))


def _searched(fusion: Fusion, mate: Sequence[float], crowd: Sequence[Bans]) -> tuple[float, int, float]:
    """The mate's figure, its rank with ties against it, and the best of the crowd."""
    own = float(fusion([np.array([bans], dtype=np.float32) for bans in mate])[0])
    others = fusion(crowd)
    return own, 1 + int((others >= own).sum()), float(others.max())


def _sources(faces: Faces, crowd: Crowd) -> NDArray[np.intp]:
    """(searches, 3): person of the face, and both fingers, numbered through all databases."""
    most = max(max(each.fingers) for each in crowd.borrowed) + 1
    fingers = [[each.database * most + finger for finger in each.fingers] for each in crowd.borrowed]
    return np.column_stack([faces.person[crowd.probes], np.array(fingers)]).astype(np.intp)


def _row(searches: Searches, seed: int) -> dict[str, Any]:
    curves = searches.curves()
    rates = {name: rate for name, rate in FPIRS.items() if reportable(rate, curves.n_strangers, 1)}
    figures = {f"fnir_at_fpir.{name}": _fnir(rate) for name, rate in rates.items()}
    thresholds = {name: rounded_up(curves.threshold_at(rate)) for name, rate in rates.items()}
    fnir = {name: rounded(curves.false_negatives_at(rate)) for name, rate in rates.items()}
    return {
        "fnir_at_fpir": dict.fromkeys(FPIRS) | fnir,
        "threshold_at_fpir": dict.fromkeys(FPIRS) | thresholds,
        "rank1": rounded(rank_rate(searches.ranks, 1)),
        "ci": intervals(searches, figures, seed) | {"rank1": searches.rank_interval(1, seed)},
    }


def _fnir(rate: float) -> Callable[[ScoreCurves], float]:
    return lambda curves: curves.false_negatives_at(rate)


def _gains(one: Searches, other: Searches, rate: float, draw: Draw) -> list[float]:
    """Mean and 95 % interval of FNIR of one less FNIR of the other, by the same redrawn people."""
    draws = [np.random.default_rng(draw.seed), np.random.default_rng(draw.seed)]
    gains = [
        one.redrawn(draws[0]).false_negatives_at(rate) - other.redrawn(draws[1]).false_negatives_at(rate)
        for _ in range(REPLICATES)
    ]
    return [round(float(bound), 6) for bound in np.nanpercentile(gains, (50, 2.5, 97.5))]


def _described(learned: LearnedFusion) -> dict[str, Any]:
    names = ("face", "better_finger", "other_finger")
    return {
        "weights": {name: rounded(weight) for name, weight in zip(names, learned.weights, strict=False)},
        "intercept": rounded(learned.intercept),
    }


def _histogram(found: Found) -> Histogram:
    mates, strangers = found.mates.sum(axis=1), found.strangers.sum(axis=1)
    everything = np.concatenate([mates, strangers])
    edges = np.linspace(everything.min(), everything.max() + 1e-6, _BINS + 1)
    return Histogram(edges, np.histogram(mates, edges)[0], np.histogram(strangers, edges)[0])
