"""How errors are answered: 400 and 500 as the standard's Error, everything else as problem+json."""

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from services.biometrics.encounters.computed import UnknownBiometricsError
from services.biometrics.encounters.rows import (
    EncounterExistsError,
    PersonTakenError,
    UnknownEncounterError,
    UnknownPersonError,
)
from services.biometrics.evidence.documents import CalibrationRefusedError
from services.biometrics.identify.routes import UnknownGalleryError
from services.biometrics.index import IndexUnavailableError
from services.biometrics.refusals import RefusedRequestError
from services.biometrics.tasks.desk import TooManyWaitingError, UnknownTaskError
from shared.contracts.osia import Error, ErrorCode
from shared.crypto.sealing import MemberKeyMissingError
from shared.http.problems import Answer, ProblemTable, unexpected_error

PROBLEMS: Final[ProblemTable] = {
    UnknownPersonError: Answer(404, "unknown-person", "Unknown record"),
    UnknownEncounterError: Answer(404, "unknown-encounter", "Unknown record"),
    UnknownBiometricsError: Answer(404, "unknown-biometrics", "Unknown biometrics"),
    UnknownTaskError: Answer(404, "unknown-task", "Unknown task"),
    TooManyWaitingError: Answer(429, "too-many-waiting", "Too many requests wait to be done"),
    UnknownGalleryError: Answer(404, "unknown-gallery", "Unknown record"),
    EncounterExistsError: Answer(409, "encounter-exists", "Conflict of ids"),
    PersonTakenError: Answer(403, "person-taken", "Creation not allowed"),
    CalibrationRefusedError: Answer(409, "calibration-refused", "This calibration is not taken"),
    IndexUnavailableError: Answer(503, "index-away", "The index of faces does not answer"),
    MemberKeyMissingError: Answer(403, "no-member-key", "No key of the caller's member is kept here", tell=False),
}

_TOLD: Final = 20
_NAME: Final = 60


def install_osia_errors(app: FastAPI) -> None:
    """Answer as the standard says what the shared frame would answer as 422 or 500 problem."""
    app.add_exception_handler(RefusedRequestError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(400, _unreadable)
    app.add_exception_handler(Exception, _failed)
    describe = app.openapi

    def described() -> dict[str, Any]:
        document = describe()
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)  # FastAPI's own; never answered here
        return document

    app.openapi = described  # type: ignore[method-assign]


def _answer(status: int, code: ErrorCode, message: str) -> Response:
    return JSONResponse(Error(code=code, message=message).model_dump(), status)


async def _refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RefusedRequestError):
        raise TypeError from error
    return _answer(400, error.code, str(error))


async def _invalid(_request: Request, error: Exception) -> Response:
    """What does not fit, field by field; values are not repeated, for they may be of a person."""
    if not isinstance(error, RequestValidationError):
        raise TypeError from error
    told = [f"{_place(each['loc'])}: {each['msg']}" for each in error.errors()[:_TOLD]]
    return _answer(400, ErrorCode.INVALID, "; ".join(told))


def _place(parts: tuple[str | int, ...]) -> str:
    """A place in the request. A name that the caller made up may be long, or no text that can be sent back."""
    return "/".join(str(part)[:_NAME].encode("ascii", "backslashreplace").decode() for part in parts)


async def _unreadable(_request: Request, _error: Exception) -> Response:
    """What the JSON reader gives up on: wrong characters, nested too deep, a number too long."""
    return _answer(400, ErrorCode.INVALID, "the body cannot be read")


async def _failed(request: Request, error: Exception) -> Response:
    await unexpected_error(request, error)  # for its log line
    return _answer(500, ErrorCode.UNEXPECTED, "The service failed")
