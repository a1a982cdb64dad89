"""Indicators and assessments over HTTP."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response

from services.registry.admission import of_caller
from services.registry.indicators.store import Assessments, Office, office_of
from services.registry.pages import PageBefore, PageLimit
from services.registry.state import KeysDep
from shared.contracts.assessments import (
    Assessment,
    AssessmentBody,
    AssessmentPage,
    AssessmentState,
    IndicatorList,
    IndicatorView,
    InterviewerBody,
    PersonBody,
    QuestionList,
    QuestionView,
    TicksBody,
)
from shared.contracts.lines import RecordId
from shared.http.callers import CallerDep
from shared.http.state import DatabaseDep
from shared.standards.indicators.catalogue import catalogue
from shared.standards.indicators.interview import questions_for, wording
from shared.standards.indicators.rules import Answer

router = APIRouter(tags=["indicators"])

_SEALED: Final[dict[int | str, dict[str, Any]]] = {204: {"description": "Child protection has it now"}}


async def _assessments(database: DatabaseDep, keys: KeysDep) -> Assessments:
    return Assessments(database, keys)


OfficeDep = Annotated[Office, of_caller(office_of)]
AssessmentsDep = Annotated[Assessments, Depends(_assessments)]


@router.get("/v1/indicators", operation_id="listIndicators")
async def list_indicators(_caller: CallerDep) -> IndicatorList:
    """All published indicators, with source and confidence, and what maps where."""
    return IndicatorList(
        items=[IndicatorView.model_validate(row, from_attributes=True) for row in catalogue().values()]
    )


@router.post(
    "/v1/assessments", status_code=201, operation_id="openAssessment", response_model=Assessment, responses=_SEALED
)
async def open_assessment(
    body: AssessmentBody, office: OfficeDep, assessments: AssessmentsDep
) -> Assessment | Response:
    """Begin a conversation with a worker."""
    return await assessments.open(office, body) or Response(status_code=204)


@router.get("/v1/assessments", operation_id="listAssessments")
async def list_assessments(
    office: OfficeDep,
    assessments: AssessmentsDep,
    state: AssessmentState | None = None,
    before: PageBefore = None,
    limit: PageLimit = 50,
) -> AssessmentPage:
    """This office's assessments, newest first."""
    return await assessments.newest(office, state, before, limit)


@router.get("/v1/assessments/{id}", operation_id="readAssessment")
async def read_assessment(id: RecordId, office: OfficeDep, assessments: AssessmentsDep) -> Assessment:
    """An assessment and its lead."""
    return await assessments.read(office, id)


@router.post("/v1/assessments/{id}/answers", operation_id="answerIndicators")
async def answer_indicators(
    id: RecordId, body: TicksBody, office: OfficeDep, assessments: AssessmentsDep
) -> Assessment:
    """Add answers to indicators, the question that was asked, and what was said."""
    return await assessments.tell(office, id, body)


@router.post("/v1/assessments/{id}/person", operation_id="tellPerson", response_model=Assessment, responses=_SEALED)
async def tell_person(
    id: RecordId, body: PersonBody, office: OfficeDep, assessments: AssessmentsDep
) -> Assessment | Response:
    """Say what became known of the person. A child's assessment goes to child protection and is gone from here."""
    return await assessments.tell_person(office, id, body) or Response(status_code=204)


@router.get("/v1/assessments/{id}/questions", operation_id="listQuestions")
async def list_questions(
    id: RecordId,
    office: OfficeDep,
    assessments: AssessmentsDep,
    specialist: Annotated[bool, Query(description="Trained to talk with children about harm.")] = False,
) -> QuestionList:
    """What is still to be asked, in the worker's language where there are words: nothing twice."""
    return QuestionList(items=list(_questions(await assessments.read(office, id), specialist=specialist)))


@router.post("/v1/assessments/{id}/interviewer", operation_id="handOverAssessment")
async def hand_over(id: RecordId, body: InterviewerBody, office: OfficeDep, assessments: AssessmentsDep) -> Assessment:
    """Let somebody else of the office go on."""
    return await assessments.hand_over(office, id, body)


@router.post("/v1/assessments/{id}/close", operation_id="closeAssessment")
async def close_assessment(id: RecordId, office: OfficeDep, assessments: AssessmentsDep) -> Assessment:
    """Nothing more is added."""
    return await assessments.close(office, id)


def _questions(assessment: Assessment, *, specialist: bool) -> Iterator[QuestionView]:
    child = assessment.child is Answer.YES
    told = {tick.code for tick in assessment.ticks if tick.answer is not Answer.UNKNOWN}
    for question in questions_for(child=child, specialist=specialist, asked=assessment.asked, told=told):
        text, language = wording(question, assessment.language, child=child)
        yield QuestionView(
            code=question.code,
            stage=question.stage,
            text=text,
            language=language,
            sensitive=question.sensitive,
            informs=sorted(question.informs),
        )
