"""The red flags' room: its errors as answers."""

from services.registry.redflags.standing import NotAnInspectorError
from shared.http.problems import Answer, ProblemTable

PROBLEMS: ProblemTable = {
    NotAnInspectorError: Answer(403, "not-an-inspector", "Not appointed to this"),
}
"""Errors of the room, beside those of the rooms that it reads."""
