"""The public room: its errors as answers."""

from services.registry.public.complaints import (
    ComplaintUnknownError,
    FileRefusedError,
    IllegalComplaintStepError,
    NoComplaintsOfficeError,
)
from shared.http.problems import Answer, ProblemTable

PROBLEMS: ProblemTable = {
    ComplaintUnknownError: Answer(404, "not-found", "There is no such complaint"),
    NoComplaintsOfficeError: Answer(403, "no-complaints-office", "Not appointed to this"),
    IllegalComplaintStepError: Answer(409, "illegal-step", "The complaint cannot take this step"),
    FileRefusedError: Answer(422, "file-refused", "The file cannot be taken"),
}
