"""Doors to conversations with workers and the leads that they amount to. A table."""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, REGISTRATION, Shown
from services.gateway.door import Door
from shared.contracts import assessments as contract

_ONE: Final = (Shown(("registration",), REGISTRATION), Shown(("employer",), PARTY))
_LIST: Final = (Shown(("items", "*", "employer"), PARTY),)

_door = partial(Door, service="registry", kind=Kind.ASSESSMENT, tag="indicators")

INDICATOR_DOORS: Final[tuple[Door, ...]] = (
    _door(
        "GET", "/v1/indicators", Action.LIST, "listIndicators", "The published indicators, with their sources",
        None, contract.IndicatorList,
    ),
    _door(
        "POST", "/v1/assessments", Action.WRITE, "openAssessment", "Begin a conversation with a worker",
        contract.AssessmentBody, contract.Assessment, status=201, shows=_ONE,
    ),
    _door(
        "GET", "/v1/assessments", Action.LIST, "listAssessments", "This office's conversations, newest first",
        None, contract.AssessmentPage, ("state", "before", "limit"), shows=_LIST,
    ),
    _door(
        "GET", "/v1/assessments/{id}", Action.READ, "readAssessment", "A conversation and its lead",
        None, contract.Assessment, shows=_ONE,
    ),
    _door(
        "POST", "/v1/assessments/{id}/answers", Action.WRITE, "answerIndicators", "Add answers to indicators",
        contract.TicksBody, contract.Assessment, shows=_ONE,
    ),
    _door(
        "POST", "/v1/assessments/{id}/person", Action.WRITE, "tellPerson", "Say what became known of the person",
        contract.PersonBody, contract.Assessment, shows=_ONE,
    ),
    _door(
        "GET", "/v1/assessments/{id}/questions", Action.READ, "listQuestions", "What is still to be asked",
        None, contract.QuestionList, ("specialist",),
    ),
    _door(
        "POST", "/v1/assessments/{id}/interviewer", Action.WRITE, "handOverAssessment", "Let another officer go on",
        contract.InterviewerBody, contract.Assessment, shows=_ONE,
    ),
    _door(
        "POST", "/v1/assessments/{id}/close", Action.WRITE, "closeAssessment", "Add nothing more",
        None, contract.Assessment, shows=_ONE,
    ),
)  # fmt: skip
