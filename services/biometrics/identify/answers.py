"""Searches' findings in the standard's words."""

from collections.abc import Sequence
from typing import Any

from services.biometrics.identify.fusion import Counted, Fused
from services.biometrics.identify.search import Found
from shared.contracts.osia import Candidate, ScoreDetail, Verification

_DIGITS = 4


def candidates(found: Sequence[Found]) -> list[Candidate]:
    """Candidates by rank; a score of s is reached by one stranger in 10^s who is compared on the same things."""
    return [
        Candidate(
            personId=each.person_id,
            rank=rank,
            score=round(each.fused.score, _DIGITS),
            scores=[_detail(counted) for counted in each.fused.counted],
            others=_others(each),
        )
        for rank, each in enumerate(found, start=1)
    ]


def verification(fused: Fused, threshold: float) -> Verification:
    """Yes from the threshold up, with what was counted. With nothing to compare the answer is no."""
    fused_score = round(fused.score, _DIGITS)
    details = [_detail(counted, threshold=threshold, fusedScore=fused_score) for counted in fused.counted]
    return Verification(decision=bool(fused.counted) and fused.score >= threshold, scores=details)


def _others(found: Found) -> dict[str, Any]:
    """What a reader needs besides the score; a contradiction only where there is one."""
    told = {
        "bans": round(found.fused.bans, _DIGITS),
        "threshold": round(found.threshold, _DIGITS),
        "extrapolated": found.fused.is_extrapolated,
    }
    against = [{"modality": str(name), "bans": round(bans, _DIGITS)} for name, bans in found.fused.contradiction]
    return told | ({"contradiction": against} if against else {})


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
            "extrapolated": comparison.extrapolated,
            "modelId": comparison.model_id,
            **others,
        },
    )
