"""What the name engine is worth on lists with known answers, and what simpler engines make of the same lists."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from anyascii import anyascii
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from services.registry.screening.likeness import runs_alike
from services.registry.screening.matching import THRESHOLD
from services.registry.screening.names import Run, prepare
from services.registry.screening.scoring import compare_names

Scores = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]

_RESCORED: Final = 60  # spellings compared closely for each native name
_READINGS: Final = 4  # of a native name that choose them
_BINS: Final = 10


class Half(StrEnum):
    """Which names are measured, by a digest of the first name: rules and thresholds were made on the first half."""

    FIRST = "first"
    SECOND = "second"
    ALL = "all"

    def keeps(self, identity: str) -> bool:
        """Whether a name is in this half."""
        second = hashlib.sha256(identity.encode()).digest()[-1] % 2 == 1
        return self is Half.ALL or second is (self is Half.SECOND)


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """Two names, and whether they are one name.

    Attributes:
        group: list that the pair is of; empty for none.
    """

    one: str
    other: str
    schema: str
    same: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class NativeName:
    """A name in its own script and its Latin spellings."""

    group: str
    native: str
    latin: tuple[str, ...]


def measure_names(pairs: Sequence[JudgedPair]) -> dict[str, Any]:
    """Precision, recall and F1 at the threshold and at best, recall at precision 0.95; by group, and of peers.

    Args:
        pairs: at least one.
    """
    prepared = [(prepare(p.one, p.schema), prepare(p.other, p.schema), p.schema) for p in pairs]
    began = time.process_time()
    scores = np.array([compare_names(*each).score for each in prepared])
    seconds = time.process_time() - began
    truth = np.array([pair.same for pair in pairs])
    groups = np.array([pair.group for pair in pairs])
    by_group = {name: _figures(scores[groups == name], truth[groups == name]) for name in sorted(set(groups)) if name}
    return {
        "threshold": THRESHOLD,
        **_figures(scores, truth),
        "pairs_per_s": round(len(pairs) / max(seconds, 1e-9)),
        "calibration": _calibration(scores, truth),
        "by_set": by_group,
        "peers": {"wratio_on_ascii": _figures(_wratio(pairs), truth)},
    }


def measure_transliteration(names: Sequence[NativeName]) -> dict[str, Any]:
    """For each group how often a native name's own Latin spelling is the first, or among ten, of all the group's.

    Args:
        names: of one or several groups; spellings of all names of a group are the gallery.
    """
    groups = sorted({name.group for name in names})
    return {group: _retrieve([name for name in names if name.group == group]) for group in groups}


def _wratio(pairs: Iterable[JudgedPair]) -> Scores:
    return np.array([fuzz.WRatio(_ascii(pair.one), _ascii(pair.other)) / 100 for pair in pairs])


def _ascii(name: str) -> str:
    return str(anyascii(name)).lower()


def _figures(scores: Scores, truth: Truth) -> dict[str, Any]:
    """Of one list of pairs."""
    thresholds, right, said = _curve(scores, truth)
    f1 = 2 * right / (said + truth.sum())
    precise = right / said >= 0.95
    at = scores >= THRESHOLD
    found = int((at & truth).sum())
    return {
        "n": len(truth),
        "precision": round(found / max(int(at.sum()), 1), 4),
        "recall": round(found / max(int(truth.sum()), 1), 4),
        "f1": round(2 * found / max(int(at.sum() + truth.sum()), 1), 4),
        "best_f1": round(float(f1.max()), 4),
        "best_threshold": round(float(thresholds[f1.argmax()]), 4),
        "recall_at_p95": round(float((right[precise] / max(int(truth.sum()), 1)).max(initial=0.0)), 4),
        "scored_1_though_different": int(((scores >= 1.0) & ~truth).sum()),
    }


def _curve(scores: Scores, truth: Truth) -> tuple[Scores, Scores, Scores]:
    """For every threshold that makes a difference: it, how many said the same are, how many are said the same."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(ranked[1:] != ranked[:-1], True)
    right = np.cumsum(truth[order])[last].astype(np.float64)
    said = (np.flatnonzero(last) + 1).astype(np.float64)
    return ranked[last], right, said


def _calibration(scores: Scores, truth: Truth) -> list[dict[str, Any]]:
    """What share of the pairs in each tenth of the score are one name."""
    tenth = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    return [
        {"from": i / _BINS, "to": (i + 1) / _BINS, "n": int((tenth == i).sum()), "same": int(truth[tenth == i].sum())}
        for i in range(_BINS)
    ]


def _retrieve(names: Sequence[NativeName]) -> dict[str, Any]:
    gallery = sorted({spelling for name in names for spelling in name.latin})
    ours = _ranks(names, gallery, _our_scores(names, gallery))
    plain = process.cdist([_ascii(n.native) for n in names], gallery, scorer=Indel.normalized_similarity)
    theirs = _ranks(names, gallery, plain.astype(np.float64))
    return {"n": len(names), **_top(ours), "peers": {"anyascii": _top(theirs)}}


def _our_scores(names: Sequence[NativeName], gallery: Sequence[str]) -> Scores:
    """Spellings that sound alike, compared closely; 0 for the others."""
    runs = [_runs(spelling) for spelling in gallery]
    sounds = [run[0].sound if run else "" for run in runs]
    scores = np.zeros((len(names), len(gallery)))
    for row, name in enumerate(names):
        read = prepare(name.native, "Person").full_runs
        near = process.cdist(
            [run.sound for run in read[:_READINGS]] or [""], sounds, scorer=Indel.normalized_similarity
        )
        for column in np.argsort(-near.max(axis=0), kind="stable")[:_RESCORED]:
            scores[row, column] = runs_alike(read, runs[column])
    return scores


def _runs(spelling: str) -> tuple[Run, ...]:
    return prepare(spelling, "Person").full_runs


def _ranks(names: Sequence[NativeName], gallery: Sequence[str], scores: Scores) -> npt.NDArray[np.int64]:
    """Of each name's best own spelling, from 0; of equal scores the first in the alphabet is the better."""
    place = {spelling: column for column, spelling in enumerate(gallery)}
    order = np.argsort(-scores, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(len(gallery))[None, :], axis=1)
    return np.array([min(rank[row, place[own]] for own in name.latin) for row, name in enumerate(names)])


def _top(ranks: npt.NDArray[np.int64]) -> dict[str, float]:
    return {"top1": round(float((ranks < 1).mean()), 4), "top10": round(float((ranks < 10).mean()), 4)}
