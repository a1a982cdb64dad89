"""The indicators' room: its errors as answers."""

from services.registry.indicators.store import (
    AssessmentClosedError,
    AssessmentUnknownError,
    IndicatorUnknownError,
    NotAnInterviewerError,
    OtherInterviewerError,
)
from shared.http.problems import Answer, ProblemTable

PROBLEMS: ProblemTable = {
    AssessmentUnknownError: Answer(404, "not-found", "There is no such assessment"),
    NotAnInterviewerError: Answer(403, "not-an-interviewer", "Not appointed to this"),
    OtherInterviewerError: Answer(409, "other-interviewer", "Another officer talks with this worker"),
    AssessmentClosedError: Answer(409, "assessment-closed", "The assessment is closed"),
    IndicatorUnknownError: Answer(422, "indicator-unknown", "There is no such indicator"),
}
