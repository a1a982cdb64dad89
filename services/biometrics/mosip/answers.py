"""What is answered: MOSIP's objects from our candidates, or a failure's number."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

from shared.contracts.mosip import CandidateList, FailureReason, ModalityMatch, MosipAnswer, MosipCandidate
from shared.contracts.osia import BiometricType, Candidate
from shared.db.database import now

_Modality = Literal["FIR", "FID"]
_MODALITIES: Final[dict[BiometricType, _Modality]] = {BiometricType.FINGER: "FIR", BiometricType.FACE: "FID"}


def served(message_id: str, request_id: str, **more: Any) -> dict[str, Any]:
    """The answer to a message that was served."""
    answer = MosipAnswer(id=message_id, requestId=request_id, responsetime=_written(now()), returnValue="1")
    return answer.model_dump(mode="json", exclude_none=True) | more


def failed(message_id: str, request_id: str, reason: FailureReason) -> dict[str, Any]:
    """The answer to a message that was not."""
    time = _written(now())
    answer = MosipAnswer(id=message_id, requestId=request_id, responsetime=time, returnValue="2", failureReason=reason)
    return answer.model_dump(mode="json")


def candidate_list(candidates: Sequence[Candidate]) -> dict[str, Any]:
    """The candidates in MOSIP's words. `analytics` of the list itself is left out: its own testing kit refuses it."""
    found = [_candidate(each) for each in candidates]
    return CandidateList(count=str(len(found)), candidates=found).model_dump(mode="json")


def _candidate(candidate: Candidate) -> MosipCandidate:
    scores: defaultdict[_Modality, float] = defaultdict(float)
    for detail in candidate.scores or ():
        named = _MODALITIES.get(detail.biometricType) if detail.biometricType else None
        if named is not None:
            scores[named] += float((detail.others or {}).get("counted", detail.score))
    modalities = [
        ModalityMatch(biometricType=name, analytics={"bans": f"{bans:.2f}"}) for name, bans in sorted(scores.items())
    ]
    analytics: dict[str, Any] = {"internalScore": f"{candidate.score:.2f}"}
    if contradiction := (candidate.others or {}).get("contradiction"):
        analytics["contradiction"] = contradiction
    return MosipCandidate(referenceId=candidate.personId, analytics=analytics, modalities=modalities)


def _written(instant: datetime) -> str:
    """UTC with milliseconds, as MOSIP writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03}Z"
