"""One table from errors to problem+json answers (RFC 9457); domain errors know no HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared.contracts.problem import FieldProblem, Problem

MEDIA_TYPE = "application/problem+json"
_HUNG_UP = 499
"""Of no standard: the number that access logs have for it since nginx."""
_PREFIX = "urn:lindung:problem:"
_LONGEST_TOKEN = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """How an error class is answered. `tell` says whether the error's own text may be shown."""

    status: int
    slug: str
    title: str
    tell: bool = True


ProblemTable = Mapping[type[Exception], Answer]

HTTP_TITLES: Mapping[int, tuple[str, str]] = {
    400: ("bad-request", "The request cannot be read"),
    401: ("not-authenticated", "No valid access token"),
    403: ("not-allowed", "Not allowed"),
    404: ("not-found", "There is no such thing here"),
    405: ("method-not-allowed", "This address does not take that method"),
    413: ("too-large", "The request body is too large"),
    414: ("address-too-long", "The address is too long"),
    415: ("media-type", "This media type is not taken here"),
    503: ("not-ready", "The service is not ready"),
    504: ("too-slow", "The request took too long"),
}


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem as an HTTP answer."""
    return JSONResponse(
        problem.model_dump(exclude_none=True), problem.status, dict(headers or {}), media_type=MEDIA_TYPE
    )


def problem_of_status(status: int, detail: str | None = None) -> Problem:
    """The problem that stands for a bare HTTP status."""
    slug, title = HTTP_TITLES.get(status, ("error", "The request failed"))
    return Problem(type=_PREFIX + slug, title=title, status=status, detail=detail)


def install_problems(app: FastAPI, table: ProblemTable) -> None:
    """Answer every error of an application as problem+json.

    Args:
        app: the application.
        table: the application's own errors; a subclass is found along the method resolution order. An error's
            attributes `reason` (a code), `errors` (list of FieldProblem) and `headers`, where it has them, are told.
    """
    for error_class in table:
        app.add_exception_handler(error_class, _tabled(table))
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(ClientDisconnect, _hung_up)
    app.add_exception_handler(Exception, unexpected_error)


def _tabled(table: ProblemTable):  # type: ignore[no-untyped-def]  # noqa: ANN202  starlette's own handler type
    async def handle(_request: Request, error: Exception) -> Response:
        answer = next(table[kind] for kind in type(error).__mro__ if kind in table)
        detail = str(error) if answer.tell else None
        problem = Problem(
            type=_PREFIX + answer.slug,
            title=answer.title,
            status=answer.status,
            detail=detail,
            errors=getattr(error, "errors", None),
        )
        reason = getattr(error, "reason", None)
        told = problem.model_copy(update={"reason": reason}) if reason else problem
        return problem_response(told, getattr(error, "headers", None))

    return handle


async def _hung_up(_request: Request, _error: Exception) -> Response:
    """Nobody reads the answer: whoever sent the request went away while it was read."""
    return Response(status_code=_HUNG_UP)


async def _http_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError from error
    default = HTTPException(error.status_code).detail
    detail = None if error.detail == default else error.detail
    return problem_response(problem_of_status(error.status_code, detail), error.headers)


async def _validation_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError from error
    return problem_response(validation_problem(error))


def validation_problem(error: RequestValidationError) -> Problem:
    """What is wrong with a request, field by field. Values are not repeated: they may be personal data."""
    errors = [
        FieldProblem(pointer="/" + "/".join(_token(part) for part in item["loc"]), detail=item["msg"])
        for item in error.errors()[:50]
    ]
    return Problem(
        type=_PREFIX + "invalid", title="The request does not fit its description", status=422, errors=errors
    )


def _token(part: str | int) -> str:
    """One reference token of a JSON pointer (RFC 6901, section 3). A name that the caller made up may be long."""
    text = str(part).encode("utf-8", "backslashreplace").decode()
    if len(text) > _LONGEST_TOKEN:
        text = text[:_LONGEST_TOKEN] + "…"
    return text.replace("~", "~0").replace("/", "~1")


async def unexpected_error(_request: Request, error: Exception) -> Response:
    """A fault of ours: told as such, without its text."""
    log.error("unexpected_error", error=type(error).__name__, exc_info=error)
    return problem_response(
        Problem(type=_PREFIX + "unexpected", title="The service failed; nothing was changed", status=500)
    )
