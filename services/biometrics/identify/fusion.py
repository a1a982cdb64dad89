"""From comparisons of faces and fingers to one figure for a person: the evidence that two sets are of one body.

Evidence is counted in bans, decimal orders of magnitude, for or against (see `evidence.calibration`). Faces and
different fingers are taken as independent, so bans add.

The rule, a first and simple one, to be calibrated as a whole on measured data:

1. Face: the best comparison over all encounters counts, for or against.
2. Fingers: best comparison first, each finger of either side used once; it counts, for or against. Against only when
   both are known to be the same finger: with a position unknown they may be different fingers, which is told and
   worth nothing. All prints of unknown position on one side count as one finger, for they may be of one.
3. A modality, or a finger, that only one side has says nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.contracts.osia import BiometricSubType, BiometricType

CANDIDATE_BANS: Final = 3.0
"""Evidence from which a searched person is a candidate, unless the caller says otherwise.

Set by judgement: among thousands of strangers one in a thousand must not come up by chance alone.
"""

VERIFIED_BANS: Final = 1.5
"""Evidence from which two sets pass for one body, unless the caller says otherwise: a claim was made beforehand."""


@dataclass(frozen=True)
class Comparison:
    """One item of the probe against one item of a record.

    Attributes:
        modality: FACE or FINGER.
        score: the comparer's own, on its own scale.
        evidence: bans, for (above 0) or against (below).
        model_id: whose score it is.
        probe_position: which finger; None when unknown, or a face.
        position: which finger of the record; likewise.
        encounter_id: of the record; None when it is no record.
        galleries: searched ones that the encounter is in.
        sub_type: of the record's item, as it was sent.
        instance: of the record's item, as it was sent.
    """

    modality: BiometricType
    score: float
    evidence: float
    model_id: str
    probe_position: BiometricSubType | None = None
    position: BiometricSubType | None = None
    encounter_id: str | None = None
    galleries: tuple[str, ...] = ()
    sub_type: BiometricSubType | None = None
    instance: str | None = None


@dataclass(frozen=True)
class Counted:
    """A comparison that was chosen, and what it counts for."""

    comparison: Comparison
    bans: float


@dataclass(frozen=True)
class Fused:
    """All that speaks for and against two sets being of one person; `bans` is the sum."""

    bans: float
    counted: tuple[Counted, ...]


def fuse(comparisons: Iterable[Comparison]) -> Fused:
    """The evidence of all comparisons between a probe and one person, by the rule above."""
    known = list(comparisons)
    faces = [each for each in known if each.modality is BiometricType.FACE]
    fingers = [each for each in known if each.modality is BiometricType.FINGER]
    counted = (*_count_face(faces), *_count_fingers(fingers))
    return Fused(sum(each.bans for each in counted), counted)


def _count_face(faces: list[Comparison]) -> list[Counted]:
    if not faces:
        return []
    best = max(faces, key=lambda each: each.evidence)
    return [Counted(best, best.evidence)]


def _count_fingers(fingers: list[Comparison]) -> list[Counted]:
    counted: list[Counted] = []
    used_of_probe: set[BiometricSubType | None] = set()
    used_of_record: set[BiometricSubType | None] = set()
    for each in sorted(map(_count_finger, fingers), key=_precedence):
        one, other = each.comparison.probe_position, each.comparison.position
        if one not in used_of_probe and other not in used_of_record:
            used_of_probe.add(one)
            used_of_record.add(other)
            counted.append(each)
    return counted


def _count_finger(each: Comparison) -> Counted:
    same_finger = each.position is not None and each.position == each.probe_position
    return Counted(each, each.evidence if same_finger else max(each.evidence, 0.0))


def _precedence(each: Counted) -> tuple[bool, float, str, str]:
    """What counts before what does not, stronger before weaker; then by name, so that order of arrival is nothing."""
    positions = each.comparison.probe_position or "", each.comparison.position or ""
    return each.bans == 0, -each.comparison.evidence, *positions
