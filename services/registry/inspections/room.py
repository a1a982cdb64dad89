"""The inspections' room: its errors as answers."""

from services.registry.inspections.rules import HouseholdEntryError, IllegalVisitMoveError, RemediesOpenError
from services.registry.inspections.store import NoVisitingOfficeError, VisitUnknownError
from shared.http.problems import Answer, ProblemTable

PROBLEMS: ProblemTable = {
    VisitUnknownError: Answer(404, "not-found", "There is no such visit"),
    NoVisitingOfficeError: Answer(403, "no-visiting-office", "Not appointed to this"),
    IllegalVisitMoveError: Answer(409, "illegal-move", "The visit cannot make this move"),
    RemediesOpenError: Answer(409, "remedies-open", "What has to be put right stands against it"),
    HouseholdEntryError: Answer(422, "household-entry", "A household is not entered by power"),
}
"""Errors of the room, beside those of the rooms that it reads."""
