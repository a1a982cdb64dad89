"""The door of the page: PIN, lock, the first page, the state of things, and the files that pages need."""

from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from services.desk.lock import PinRefusedError
from services.desk.page.forms import read_form
from services.desk.page.presence import COOKIE, StationDep, station_of
from services.desk.page.render import show
from shared.pages import stylesheet

_RECEIPTS: Final = 8
_STATIC: Final = {
    "desk.css": "text/css",
    "idle.js": "text/javascript",
    "status.js": "text/javascript",
    "document.js": "text/javascript",
    "photo.js": "text/javascript",
    "fingers.js": "text/javascript",
    "mark.svg": "image/svg+xml",
}

router = APIRouter()


@router.get("/")
async def home(request: Request, station: StationDep) -> Response:
    """What waits, what was received, and the way to a new worker."""
    return show(
        request,
        "home.html",
        receipts=station.outbox.receipts.newest(_RECEIPTS),
        refused=station.outbox.refused(),
        scanner=station.settings.scanner,
        going_on=station.enrolment is not None,
    )


@router.get("/unlock")
async def locked(request: Request) -> Response:
    """The page that an unattended desk shows: nothing about anybody."""
    return show(request, "unlock.html", wrong=None)


@router.post("/unlock")
async def unlock(request: Request) -> Response:
    """Open it with the PIN."""
    form = await read_form(request)
    try:
        session = await run_in_threadpool(station_of(request).lock.open, form.text("pin"))
    except PinRefusedError as error:
        return show(request, "unlock.html", 403, wrong=str(error))
    answer = RedirectResponse("/", 303)
    answer.set_cookie(COOKIE, session, httponly=True, samesite="strict", path="/")
    return answer


@router.post("/lock")
async def lock(request: Request) -> Response:
    """Close it at once; anybody may."""
    station_of(request).lock.close()
    return RedirectResponse("/unlock", 303)


@router.post("/alive")
async def alive(_station: StationDep) -> Response:
    """Somebody typed or moved."""
    return Response(status_code=204)


@router.get("/status")
async def status(station: StationDep, reference: str = "") -> JSONResponse:
    """The way to the gateway, for the page to look again by itself."""
    room, line = station.outbox.room(), station.sender.line
    told: dict[str, Any] = {"online": line.online, "waiting": room.waiting}
    if reference:
        told["received"] = station.outbox.receipts.find(reference[:20]) is not None
    return JSONResponse(told)


@router.post("/cancel")
async def cancel(station: StationDep) -> Response:
    """Forget the worker who is at the desk."""
    station.forget()
    return RedirectResponse("/", 303)


@router.get("/static/lindung.css")
async def look() -> Response:
    """The stylesheet that all of Lindung's pages share."""
    return PlainTextResponse(stylesheet(), media_type="text/css")


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """A file of the page."""
    if name not in _STATIC:
        return PlainTextResponse("There is no such file.", 404)
    text = files("services.desk.page").joinpath("static", name).read_text(encoding="utf-8")
    return PlainTextResponse(text, media_type=_STATIC[name])
