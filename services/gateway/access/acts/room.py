"""Errors of administration, as they are answered."""

from typing import Final

from services.gateway.access.acts.asking import (
    ActDecidedError,
    ActNotDoneError,
    ActUnknownError,
    NoPersonError,
    OwnAccessError,
    SecondPersonNeededError,
)
from services.gateway.access.acts.carrying import SubjectKnownError, SubjectUnknownError
from services.gateway.access.appointing import AppointmentRefusedError
from shared.http.problems import Answer, ProblemTable

PROBLEMS: Final[ProblemTable] = {
    ActUnknownError: Answer(404, "not-found", "There is no such act"),
    ActDecidedError: Answer(409, "decided", "This act was decided before"),
    ActNotDoneError: Answer(409, "not-done", "This cannot be done any more"),
    OwnAccessError: Answer(403, "own-access", "Nobody changes what they may do themselves"),
    SecondPersonNeededError: Answer(403, "second-person", "Two administrators are needed"),
    SubjectKnownError: Answer(409, "known", "There is one of this id already"),
    SubjectUnknownError: Answer(404, "not-found", "There is no such person, client or cap"),
    NoPersonError: Answer(403, "person-needed", "A person must do this"),
    AppointmentRefusedError: Answer(422, "appointment-refused", "Nobody is let in like this"),
}
