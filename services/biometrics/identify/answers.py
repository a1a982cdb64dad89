"""Searches' findings in the standard's words."""

from collections.abc import Sequence

from services.biometrics.identify.fusion import Counted, Fused
from services.biometrics.identify.search import Found
from shared.contracts.osia import Candidate, ScoreDetail, Verification

_DIGITS = 4


def candidates(found: Sequence[Found]) -> list[Candidate]:
    """Candidates by rank; a candidate's score is the sum of what its details counted for."""
    return [
        Candidate(
            personId=each.person_id,
            rank=rank,
            score=round(each.fused.bans, _DIGITS),
            scores=[_detail(counted) for counted in each.fused.counted],
        )
        for rank, each in enumerate(found, start=1)
    ]


def verification(fused: Fused, threshold: float) -> Verification:
    """Yes from the threshold up, with what was counted. With nothing to compare the answer is no."""
    details = [_detail(counted, threshold=threshold) for counted in fused.counted]
    return Verification(decision=bool(fused.counted) and fused.bans >= threshold, scores=details)


def _detail(counted: Counted, **others: float) -> ScoreDetail:
    comparison = counted.comparison
    return ScoreDetail(
        score=round(comparison.score, 6),
        encounterId=comparison.encounter_id,
        galleries=list(comparison.galleries) or None,
        biometricType=comparison.modality,
        biometricSubType=comparison.sub_type,
        instance=comparison.instance,
        others={
            "evidence": round(comparison.evidence, _DIGITS),
            "counted": round(counted.bans, _DIGITS),
            "modelId": comparison.model_id,
            **others,
        },
    )
