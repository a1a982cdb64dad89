"""Routes that answer with pages, also when something is refused."""

from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.gateway.access.sessions import CsrfRefusedError
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.languages import marked
from services.gateway.console.pages import page
from services.gateway.console.visit import (
    CaseWantedError,
    NotForRoleError,
    NotSignedInError,
    forward_to,
    language_of,
)
from shared.http.problems import unexpected_error

_TITLES: Final = {
    400: marked("The request cannot be read"),
    401: marked("Please sign in again"),
    403: marked("Not allowed"),
    404: marked("There is no such page or record"),
    409: marked("This cannot be done now"),
    410: marked("Its time was over: it was erased"),
    413: marked("Too large"),
    422: marked("Something that was entered cannot be taken"),
    429: marked("Too many requests; wait a little"),
    503: marked("A service behind this page does not answer"),
}
_OTHERWISE: Final = marked("The request failed")


class PageRoute(APIRoute):
    """A route whose errors are told as pages, or lead to the page that mends them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, with its errors caught."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except ClientDisconnect:
                raise
            except Exception as error:  # noqa: BLE001  every error becomes a page; one of ours is logged
                return await _told(request, error)

        return handled


def page_router(prefix: str = "/console") -> APIRouter:
    """A router of pages."""
    return APIRouter(prefix=prefix, route_class=PageRoute, include_in_schema=False)


async def _told(request: Request, error: Exception) -> Response:
    path = request.url.path if request.method == "GET" else "/console"
    if isinstance(error, NotSignedInError) or (isinstance(error, DoorRefusedError) and error.status == 401):
        return forward_to("/login", next=path)
    if isinstance(error, CaseWantedError):
        return forward_to("/console/purpose", next=path)
    status, problem = _refused(error)
    if status == 500:
        await unexpected_error(request, error)
    return refusal(request, status, problem)


def _refused(error: Exception) -> tuple[int, Any]:
    """The status of an error's page, and what is told of it; 500: a fault of ours."""
    if isinstance(error, DoorRefusedError):
        return error.status, error.problem
    if isinstance(error, HTTPException):
        return error.status_code, {}
    if isinstance(error, NotForRoleError | CsrfRefusedError):
        return 403, {"detail": str(error)}
    return (422, {}) if isinstance(error, RequestValidationError) else (500, {})


def refusal(request: Request, status: int, problem: Any) -> HTMLResponse:
    """The page that says what was refused, and why."""
    title = _TITLES.get(status, _OTHERWISE)
    back = request.headers.get("referer", "")
    path = quote(back.removeprefix(str(request.base_url).rstrip("/")), safe="/?=&%") if back else "/console"
    return page(
        "refused.html",
        language_of(request, None),
        status,
        visit=None,
        title=title,
        detail=problem.get("detail") or problem.get("title"),
        errors=problem.get("errors") or [],
        back=path if path.startswith("/console") else "/console",
    )
