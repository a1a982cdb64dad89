"""Fingerprints, one to one, database by database, by the protocol of FVC and with all impostors.

FVC: every impression of a finger is compared with every later one of it; the first impressions of different fingers
with each other. All impostors: every impression of a finger with every one of the others of that database too.

Source: D. Maio and others, FVC2000, IEEE TPAMI 24 (3), 2002; FVC2002 and FVC2004 use the same protocol. Prints that
give no template are left out here and counted as failures to extract; FVC counts them as false non-matches.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from statistics import fmean
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evaluation.charts import Histogram
from services.biometrics.evaluation.curves import ScoreCurves, rounded
from services.biometrics.evaluation.extraction import Extracted, Progress
from services.biometrics.evaluation.folders import Print
from services.biometrics.evaluation.peers import PrintComparer
from services.biometrics.evaluation.resampling import REPLICATES, Comparisons, Figure, interval
from services.biometrics.fingerprint.gallery import FingerGallery
from services.biometrics.fingerprint.template import FingerTemplate

_BINS: Final = 80
_GALLERY: Final = 2000
_SEARCHES: Final = 5

FIGURES: Final[Mapping[str, Figure]] = {
    "eer": ScoreCurves.equal_error_rate,
    "fmr100": lambda curves: curves.false_negatives_at(0.01),
    "fmr1000": lambda curves: curves.false_negatives_at(0.001),
    "zerofmr": ScoreCurves.zero_fmr,
}
"""As FVC defines them: the lowest FNMR at an FMR of at most 1 %, 0.1 % and 0, whatever the number of impostors."""


class Protocol(StrEnum):
    """Which impostors the figures rest on."""

    FVC = "fvc"
    ALL = "all"


@dataclass(frozen=True, eq=False)
class Database:
    """One database's comparisons."""

    first_impressions: Comparisons
    all_impostors: Comparisons

    def by(self, protocol: Protocol) -> Comparisons:
        """The comparisons of a protocol."""
        return self.first_impressions if protocol is Protocol.FVC else self.all_impostors


@dataclass(frozen=True, eq=False)
class FingerFigures:
    """What was measured: the document that a command prints, and what its charts are drawn from: all impostors."""

    document: dict[str, Any]
    curves: dict[str, ScoreCurves]
    histogram: Histogram


def pairs_within(prints: Sequence[Print]) -> int:
    """How many comparisons `measure_fingers` makes."""
    names = [each.database for each in prints]
    return sum(names.count(name) * (names.count(name) - 1) // 2 for name in set(names))


def measure_fingers(
    engine: PrintComparer,
    extracted: Extracted[Print, Any],
    protocol: Protocol,
    came: Progress,
    seed: int = 1,
) -> FingerFigures:
    """The figures of one comparer on one folder.

    Args:
        engine: that made the templates.
        extracted: templates of prints in the naming of FVC.
        protocol: whose impostors the main figures use; those of all impostors are told besides.
        came: called after each comparison.
        seed: of the intervals.
    """
    began = time.thread_time()
    databases = {name: _compare(engine, some, came) for name, some in _by_database(extracted).items()}
    seconds = time.thread_time() - began
    compared = sum(len(each.all_impostors.mates) + len(each.all_impostors.strangers) for each in databases.values())
    chosen = {name: each.by(protocol) for name, each in databases.items()}
    everything = {name: each.all_impostors for name, each in databases.items()}
    rows = {name: _row(each) | {"all_impostors": _row(everything[name])} for name, each in chosen.items()}
    found, found_all = _intervals(chosen, seed), _intervals(everything, seed)
    document = {
        "protocol": protocol.value,
        "databases": {name: row | {"ci": found[name]} for name, row in rows.items()},
        "mean": _mean(rows.values()) | {"all_impostors": _mean(row["all_impostors"] for row in rows.values())},
        "ci": found[""] | {"all_impostors": found_all[""]},
        **extracted.described(),
        "cpu_ms_extract": extracted.median_cpu_ms,
        "comparisons_per_s": round(compared / max(seconds, 1e-9)),
    }
    document["mean"] |= {key: document[key] for key in ("cpu_ms_extract", "comparisons_per_s")}
    curves = {name: each.curves() for name, each in everything.items()}
    return FingerFigures(document, curves, _histogram(list(everything.values())))


def search_rate(templates: Sequence[FingerTemplate]) -> int:
    """Prints a second that a search of a gallery goes through, on one core; the templates are repeated to fill it."""
    gallery = FingerGallery()
    gallery.add_all((str(number), templates[number % len(templates)]) for number in range(_GALLERY))
    probes = templates[:_SEARCHES]
    began = time.thread_time()
    for probe in probes:
        gallery.search(probe, 1)
    return round(_GALLERY * len(probes) / max(time.thread_time() - began, 1e-9))


def _by_database(extracted: Extracted[Print, Any]) -> dict[str, list[tuple[Print, Any]]]:
    found: dict[str, list[tuple[Print, Any]]] = {}
    for source, template in zip(extracted.sources, extracted.samples, strict=True):
        found.setdefault(source.database, []).append((source, template))
    return found


def _compare(engine: PrintComparer, prints: Sequence[tuple[Print, Any]], came: Callable[[], None]) -> Database:
    fingers = sorted({source.finger for source, _ in prints})
    number = {finger: place for place, finger in enumerate(fingers)}
    rows = np.array(list(_scores(engine, prints, number, came))).reshape(-1, 4)
    one, other = rows[:, 1].astype(np.intp), rows[:, 2].astype(np.intp)
    first = (one == other) | (rows[:, 3] > 0)
    items = np.bincount([number[source.finger] for source, _ in prints])
    return Database(
        _comparisons(rows[first, 0], one[first], other[first], items), _comparisons(rows[:, 0], one, other, items)
    )


def _scores(
    engine: PrintComparer, prints: Sequence[tuple[Print, Any]], number: Mapping[int, int], came: Callable[[], None]
) -> Iterator[tuple[float, int, int, bool]]:
    """(score, finger, other finger, whether both are first impressions) of all pairs of prints."""
    first = {finger: min(each.impression for each, _ in prints if each.finger == finger) for finger in number}
    for (a, probe), (b, candidate) in combinations(prints, 2):
        both_first = a.impression == first[a.finger] and b.impression == first[b.finger]
        yield engine.compare(probe, candidate), number[a.finger], number[b.finger], both_first
        came()


def _comparisons(
    scores: NDArray[np.float64], one: NDArray[np.intp], other: NDArray[np.intp], items: NDArray[np.intp]
) -> Comparisons:
    return Comparisons.of(scores, one, other, items, int((one != other).sum()))


def _row(pairs: Comparisons) -> dict[str, Any]:
    curves = pairs.curves()
    return {name: rounded(figure(curves)) for name, figure in FIGURES.items()} | {
        "n_genuine": len(pairs.mates),
        "n_impostor": pairs.n_strangers,
    }


def _mean(rows: Any) -> dict[str, Any]:
    """Of the databases' rates; the numbers of comparisons are summed."""
    known = list(rows)
    rates = {name: [row[name] for row in known if row[name] is not None] for name in FIGURES}
    counts = {name: sum(row[name] for row in known) for name in ("n_genuine", "n_impostor")}
    return {name: rounded(fmean(values)) if values else None for name, values in rates.items()} | counts


def _intervals(databases: Mapping[str, Comparisons], seed: int) -> dict[str, Any]:
    """95 % intervals by finger of every figure of each database, and of their means under the empty name."""
    rng = np.random.default_rng(seed)
    draws = np.full((REPLICATES, len(databases), len(FIGURES)), np.nan)
    for replicate in draws:
        for place, each in enumerate(databases.values()):
            curves = each.redrawn(rng)
            replicate[place] = [figure(curves) for figure in FIGURES.values()]
    fingers = [each.independent for each in databases.values()]
    parts = [("", draws.mean(axis=1), sum(fingers))]
    parts += zip(databases, draws.transpose(1, 0, 2), fingers, strict=True)
    return {
        name: {figure: interval(part[:, place].tolist(), count) for place, figure in enumerate(FIGURES)}
        for name, part, count in parts
    }


def _histogram(databases: Sequence[Comparisons]) -> Histogram:
    mates = np.concatenate([each.mates for each in databases])
    strangers = np.concatenate([each.strangers for each in databases])
    everything = np.concatenate([mates, strangers])
    edges = np.linspace(everything.min(), everything.max() + 1e-9, _BINS + 1)
    return Histogram(edges, np.histogram(mates, edges)[0], np.histogram(strangers, edges)[0])
