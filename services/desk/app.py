"""The desk's application: wiring only. It listens on loopback, and only its own page may talk to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from services.desk.page import consent, document, entry, fingers, finish, photo
from services.desk.page.forms import MAX_OCTETS, FormUnreadableError
from services.desk.page.guard import LoopbackGuard
from services.desk.page.presence import LockedError, NobodyAtDeskError
from services.desk.page.render import show
from services.desk.station import Station
from shared.http.limits import RequestLimits
from shared.pages.languages import marked

_REQUEST_S = 90.0

log = structlog.get_logger(__name__)


def create_app(station: Station) -> FastAPI:
    """The page of one station."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with station.working():
            yield

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.station = station
    for router in (entry.router, consent.router, document.router, photo.router, fingers.router, finish.router):
        app.include_router(router)
    app.add_exception_handler(LockedError, _locked)
    app.add_exception_handler(NobodyAtDeskError, _nobody)
    app.add_exception_handler(FormUnreadableError, _unreadable)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(RequestLimits, max_body_bytes=MAX_OCTETS, seconds=_REQUEST_S)
    app.add_middleware(LoopbackGuard, port=station.settings.port)
    return app


async def _locked(request: Request, _error: Exception) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/unlock", 303)
    return JSONResponse({"locked": True}, 401)


async def _nobody(_request: Request, _error: Exception) -> Response:
    return RedirectResponse("/", 303)


async def _unreadable(request: Request, _error: Exception) -> Response:
    return show(request, "trouble.html", 400, said=marked("The form could not be read. Go back and try again."))


async def _failed(request: Request, error: Exception) -> Response:
    log.error("unexpected_error", error=type(error).__name__, exc_info=error)
    said = marked("The desk failed. What was sealed is kept; go back and try again.")
    return show(request, "trouble.html", 500, said=said)
