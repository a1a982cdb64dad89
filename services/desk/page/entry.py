"""The door of the page: PIN, lock, the first page, the state of things, and the files that pages need."""

from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from services.desk.lock import PinRefusedError
from services.desk.page.forms import read_form
from services.desk.page.presence import COOKIE, LANGUAGE_COOKIE, StationDep, language_of, station_of
from services.desk.page.render import line_words, show, stamp, waiting_words
from services.desk.station import Station
from shared.pages import stylesheet
from shared.pages.languages import LANGUAGES

_RECEIPTS: Final = 8
_KEPT_S: Final = 365 * 86_400
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
    going_on = station.enrolment and station.enrolment.step(station.today())
    return show(request, "home.html", going_on=going_on, **_mail(station))


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
        return show(request, "unlock.html", 403, wrong=error.said)
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
async def status(request: Request, station: StationDep, reference: str = "") -> JSONResponse:
    """The way to the gateway, for the page to look again by itself."""
    say, online, room = language_of(request).say, station.sender.line.online, station.outbox.room()
    told: dict[str, Any] = {"online": online, "stamp": stamp(station, room)}
    told |= {"line": say(line_words(online)), "waiting": say(waiting_words(room.waiting))}
    if reference:
        told["received"] = station.outbox.receipts.find(reference[:20]) is not None
    return JSONResponse(told)


@router.get("/state")
async def state(request: Request, station: StationDep) -> Response:
    """The part of the first page that changes by itself."""
    return show(request, "state.html", **_mail(station))


@router.post("/language")
async def choose_language(request: Request) -> Response:
    """The officer's language, kept in this browser; no secret, and asked for before the PIN."""
    chosen = (await read_form(request)).text("language")
    answer = RedirectResponse("/", 303)
    if chosen in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=_KEPT_S, httponly=True, samesite="strict", path="/")
    return answer


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


def _mail(station: Station) -> dict[str, Any]:
    """What was sent, what the gateway will not take, and by which scanner prints are taken."""
    box = station.outbox
    return {"receipts": box.receipts.newest(_RECEIPTS), "refused": box.refused(), "scanner": station.settings.scanner}
