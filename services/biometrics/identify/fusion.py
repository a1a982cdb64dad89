"""From comparisons of faces and fingers to one figure for a person: how rarely a stranger is as much alike.

Evidence is counted in bans, decimal orders of magnitude, for or against (see `evidence.calibration`). Faces and
different fingers are taken as independent, so bans add. What the sum is worth follows from what it was made of
(see `evidence.rarity`): a score of s is reached by one stranger in 10^s, whatever was compared.

1. Face: the best comparison over all encounters counts, for or against.
2. Fingers: best comparison first, each finger of either side used once; it counts, for or against. Against only when
   both are known to be the same finger: with a position unknown they may be different fingers, which is told and
   worth nothing. All prints of unknown position on one side count as one finger, for they may be of one.
3. A modality, or a finger, that only one side has says nothing.
4. Face and fingers that contradict each other are told, and each is heard alone besides the sum: a twin, a spoofed or
   a swapped print is for a human to look at.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.biometrics.evidence import Rarity, Slot
from shared.contracts.osia import BiometricSubType, BiometricType

VERIFIED_SCORE: Final = 3.0
"""Score from which two sets pass for one body, unless the caller says otherwise: one pair of strangers in 1,000."""

SAYS_YES: Final = 2.0
SAYS_NO: Final = -1.0
"""Bans of a whole modality from which, and down to which, it contradicts the other; below 1 in 10 mates miss so far."""


def candidate_threshold(persons: int, target_fpir: float) -> float:
    """Score from which a searched person is a candidate, unless the caller says otherwise.

    Args:
        persons: in the gallery.
        target_fpir: share of searches, of people who are not in it, that may find somebody.
    """
    return math.log10(max(persons, 1) / target_fpir)


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
        extrapolated: whether the evidence goes beyond what its calibration measured.
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
    extrapolated: bool = False


@dataclass(frozen=True)
class Counted:
    """A comparison that was chosen, and what it counts for."""

    comparison: Comparison
    bans: float


@dataclass(frozen=True)
class Fused:
    """All that speaks for and against two sets being of one person.

    Attributes:
        score: one stranger in 10^score, compared on the same things, reaches as much; 0 and up.
        bans: the sum of what counts.
        counted: what was chosen.
        contradiction: (modality, bans) of face and fingers, where one says yes and the other no; else none.
    """

    score: float
    bans: float
    counted: tuple[Counted, ...]
    contradiction: tuple[tuple[BiometricType, float], ...] = ()

    @property
    def is_extrapolated(self) -> bool:
        """Whether anything that counts goes beyond what was measured."""
        return any(each.comparison.extrapolated for each in self.counted)


def fuse(comparisons: Iterable[Comparison], rarity: Rarity) -> Fused:
    """The evidence of all comparisons between a probe and one person, by the rule above.

    Args:
        comparisons: in any order.
        rarity: of the calibrations of all their models.
    """
    known = list(comparisons)
    faces = [each for each in known if each.modality is BiometricType.FACE]
    fingers = [each for each in known if each.modality is BiometricType.FINGER]
    face, prints = _count_face(faces), _count_fingers(fingers)
    sums = _sum(face), _sum(prints)
    score = rarity.score([_face_slot(faces)] if faces else [], [_finger_slot(each, fingers) for each in prints], sums)
    return Fused(float(score), sum(sums), (*face, *prints), _contradiction(*sums) if face and prints else ())


def _sum(counted: list[Counted]) -> float:
    return sum(each.bans for each in counted)


def _contradiction(face: float, fingers: float) -> tuple[tuple[BiometricType, float], ...]:
    if max(face, fingers) < SAYS_YES or min(face, fingers) > SAYS_NO:
        return ()
    return (BiometricType.FACE, face), (BiometricType.FINGER, fingers)


def _face_slot(faces: list[Comparison]) -> Slot:
    return Slot(_by_model(faces))


def _finger_slot(counted: Counted, fingers: list[Comparison]) -> Slot:
    """What a finger's evidence was chosen from: all comparisons of either of the two prints' fingers."""
    chosen = counted.comparison
    rivals = [
        each for each in fingers if each.probe_position == chosen.probe_position or each.position == chosen.position
    ]
    return Slot(_by_model(rivals), only_for=not _is_same_finger(chosen))


def _by_model(comparisons: list[Comparison]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(each.model_id for each in comparisons).items()))


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
    return Counted(each, each.evidence if _is_same_finger(each) else max(each.evidence, 0.0))


def _is_same_finger(each: Comparison) -> bool:
    return each.position is not None and each.position == each.probe_position


def _precedence(each: Counted) -> tuple[bool, float, str, str]:
    """What counts before what does not, stronger before weaker; then by name, so that order of arrival is nothing."""
    positions = each.comparison.probe_position or "", each.comparison.position or ""
    return each.bans == 0, -each.comparison.evidence, *positions
