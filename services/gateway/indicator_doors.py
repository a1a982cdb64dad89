"""Doors to conversations with workers and the leads that they amount to. A table."""

from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, REGISTRATION, Shown
from services.gateway.door import Door
from shared.contracts import assessments as contract

_ONE: Final = (Shown(("registration",), REGISTRATION), Shown(("employer",), PARTY))
_LIST: Final = (Shown(("items", "*", "employer"), PARTY),)

INDICATOR_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/v1/indicators", "registry", Kind.ASSESSMENT, Action.LIST,
        "listIndicators", "The published indicators, with their sources", "indicators", None, contract.IndicatorList,
    ),
    Door(
        "POST", "/v1/assessments", "registry", Kind.ASSESSMENT, Action.WRITE,
        "openAssessment", "Begin a conversation with a worker", "indicators",
        contract.AssessmentBody, contract.Assessment, status=201, shows=_ONE,
    ),
    Door(
        "GET", "/v1/assessments", "registry", Kind.ASSESSMENT, Action.LIST,
        "listAssessments", "This office's conversations, newest first", "indicators", None, contract.AssessmentPage,
        ("state", "before", "limit"), shows=_LIST,
    ),
    Door(
        "GET", "/v1/assessments/{id}", "registry", Kind.ASSESSMENT, Action.READ,
        "readAssessment", "A conversation and its lead", "indicators", None, contract.Assessment, shows=_ONE,
    ),
    Door(
        "POST", "/v1/assessments/{id}/answers", "registry", Kind.ASSESSMENT, Action.WRITE,
        "answerIndicators", "Add answers to indicators", "indicators",
        contract.TicksBody, contract.Assessment, shows=_ONE,
    ),
    Door(
        "POST", "/v1/assessments/{id}/person", "registry", Kind.ASSESSMENT, Action.WRITE,
        "tellPerson", "Say what became known of the person", "indicators",
        contract.PersonBody, contract.Assessment, shows=_ONE,
    ),
    Door(
        "GET", "/v1/assessments/{id}/questions", "registry", Kind.ASSESSMENT, Action.READ,
        "listQuestions", "What is still to be asked", "indicators", None, contract.QuestionList, ("specialist",),
    ),
    Door(
        "POST", "/v1/assessments/{id}/interviewer", "registry", Kind.ASSESSMENT, Action.WRITE,
        "handOverAssessment", "Let another officer go on", "indicators",
        contract.InterviewerBody, contract.Assessment, shows=_ONE,
    ),
    Door(
        "POST", "/v1/assessments/{id}/close", "registry", Kind.ASSESSMENT, Action.WRITE,
        "closeAssessment", "Add nothing more", "indicators", None, contract.Assessment, shows=_ONE,
    ),
)  # fmt: skip
