"""A calibration from an operator's own photos or prints: what `lindung calibrate` writes."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evaluation.extraction import Extracted
from services.biometrics.evaluation.folders import Photo, Print
from services.biometrics.evaluation.peers import PrintComparer
from services.biometrics.evidence import measured
from services.biometrics.evidence.documents import CalibrationDocument

Pairs = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.intp], NDArray[np.intp]]
_GROUP_PAIRS: Final = 1_000
"""Pairs of strangers of a group from which its FMR is told."""
_LEVELS: Final = (2.0, 3.0, 4.0)


def calibrate_faces(
    model_id: str,
    extracted: Extracted[Photo, NDArray[np.float32]],
    day: date,
    groups: Mapping[str, str] | None = None,
) -> CalibrationDocument:
    """The calibration that all pairs of photos give.

    Args:
        model_id: whose embeddings they are.
        extracted: of the folder.
        day: of the measurement.
        groups: group by person, where labels exist; FMR within each is told, not used.

    Raises:
        ValueError: too few pairs.
    """
    vectors = np.stack(extracted.samples).astype(np.float64)
    names = [source.person for source in extracted.sources]
    one, other = np.triu_indices(len(names), 1)
    scores = (vectors @ vectors.T)[one, other]
    people = np.unique(names, return_inverse=True)[1]
    same = people[one] == people[other]
    return _document(model_id, "people", (scores, same, one, other), names, extracted, day, groups)


def calibrate_fingers(
    engine: PrintComparer, extracted: Extracted[Print, Any], day: date, came: Any
) -> CalibrationDocument:
    """The calibration that all pairs of prints of one database (one kind of scanner) give.

    Args:
        engine: whose templates they are.
        extracted: of the folder.
        day: of the measurement.
        came: called after each comparison.

    Raises:
        ValueError: too few pairs.
    """
    names = [f"{source.database}/{source.finger}" for source in extracted.sources]
    databases = np.unique([source.database for source in extracted.sources], return_inverse=True)[1]
    one, other = np.triu_indices(len(names), 1)
    within = databases[one] == databases[other]
    one, other = one[within], other[within]
    scores = np.empty(len(one))
    for place, (a, b) in enumerate(zip(one, other, strict=True)):
        scores[place] = engine.compare(extracted.samples[a], extracted.samples[b])
        came()
    fingers = np.unique(names, return_inverse=True)[1]
    same = fingers[one] == fingers[other]
    return _document(engine.model_id, "fingers", (scores, same, one, other), names, extracted, day, None)


def inputs_digest(sources: Sequence[Photo | Print]) -> str:
    """SHA-256 over the files' own SHA-256 and their places under the folder, in order: which files were measured."""
    lines = sorted(f"{hashlib.sha256(each.path.read_bytes()).hexdigest()}  {_place(each.path)}\n" for each in sources)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _place(path: Path) -> str:
    return "/".join(path.parts[-2:])


def _document(
    model_id: str,
    what: str,
    pairs: Pairs,
    names: Sequence[str],
    extracted: Extracted[Any, Any],
    day: date,
    groups: Mapping[str, str] | None,
) -> CalibrationDocument:
    scores, same, *_ = pairs
    strangers, mates = scores[~same], scores[same]
    count = len(set(names))
    source = f"{count:,} {what}: {len(strangers):,} pairs of strangers, {len(mates):,} of mates"
    made = measured(model_id, source, strangers, mates)
    facts: dict[str, Any] = {
        "date": day.isoformat(),
        what: count,
        "stranger_pairs": len(strangers),
        "mate_pairs": len(mates),
        "refused": dict(sorted(extracted.refused.items())),
        "inputs_sha256": inputs_digest(extracted.sources),
    }
    if groups:
        bars = {str(level): made.score_at(level) for level in _LEVELS}
        facts["fmr_by_group"] = _by_group(pairs, [groups.get(name) for name in names], bars)
    return CalibrationDocument(made, facts)


def _by_group(pairs: Pairs, labels: Sequence[str | None], bars: Mapping[str, float]) -> dict[str, Any]:
    """FMR within each group at the thresholds that should give 1e-2, 1e-3 and 1e-4; where pairs are enough."""
    scores, same, one, other = pairs
    known = Counter(label for label in labels if label)
    label = np.array([each or "" for each in labels])
    found = {}
    for group in sorted(known):
        within = ~same & (label[one] == group) & (label[other] == group)
        if (pairs_of := int(within.sum())) >= _GROUP_PAIRS:
            rates = {f"1e-{float(level):g}": float(np.mean(scores[within] >= bar)) for level, bar in bars.items()}
            found[group] = {"pairs": pairs_of, "fmr_at": rates}
    return found
