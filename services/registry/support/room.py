"""The support room: its errors as answers."""

from services.registry.support.casefile import (
    NotCaseManagerError,
    SupportCaseClosedError,
    SupportCaseUnknownError,
)
from services.registry.support.cases import SelfTransferError, StillRunningError
from services.registry.support.grounds import NoLeadError, SupportCaseKnownError
from services.registry.support.offices import NoSupportOfficeError
from services.registry.support.plan import ServiceUnknownError
from services.registry.support.providers import ProviderUnknownError
from services.registry.support.returning import NotChildProtectionError
from services.registry.support.rules import (
    IllegalSupportMoveError,
    PartNotForMoveError,
    ProviderUnfitError,
    ReflectionShortenedError,
    ReturnLacksError,
    StandInRefusedError,
)
from shared.http.problems import Answer, ProblemTable

PROBLEMS: ProblemTable = {
    SupportCaseUnknownError: Answer(404, "not-found", "There is no such support case"),
    ServiceUnknownError: Answer(404, "not-found", "There is no such service"),
    NoSupportOfficeError: Answer(403, "no-support-office", "Not appointed to this"),
    NotCaseManagerError: Answer(403, "not-case-manager", "Another person manages this case"),
    SelfTransferError: Answer(403, "self-transfer", "Another person hands the case over"),
    NotChildProtectionError: Answer(403, "not-child-protection", "Child protection determines this"),
    SupportCaseKnownError: Answer(409, "support-case-known", "The office supports this person already"),
    SupportCaseClosedError: Answer(409, "support-case-closed", "The case is closed"),
    StillRunningError: Answer(409, "still-running", "Something is still open"),
    IllegalSupportMoveError: Answer(409, "illegal-move", "This move cannot be made now"),
    ReturnLacksError: Answer(409, "return-lacks", "Something stands against the return"),
    NoLeadError: Answer(422, "no-lead", "There is no lead to presume upon"),
    PartNotForMoveError: Answer(422, "part-not-for-move", "The move takes something else"),
    ProviderUnknownError: Answer(422, "provider-unknown", "There is no such provider"),
    ProviderUnfitError: Answer(422, "provider-unfit", "The provider cannot be asked for this"),
    ReflectionShortenedError: Answer(422, "reflection-shortened", "The reflection period is not cut short"),
    StandInRefusedError: Answer(422, "stand-in-refused", "This is no stand-in"),
}
"""Errors of the room, beside those of the rooms that it reads."""
