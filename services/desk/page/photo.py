"""Third: the photo, with guidance while the worker stands before the camera."""

from typing import Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from services.desk.guidance import PhotoUnreadableError, look
from services.desk.languages import Saying
from services.desk.page.forms import read_form
from services.desk.page.presence import AgreedDep, StationDep, consented, language_of
from services.desk.page.render import show
from services.desk.queue.gateway import encode
from services.desk.station import Station
from shared.pages.languages import marked

_MAX_PHOTO: Final = 8_000_000
_MAX_FRAME: Final = 400_000
_NO_PICTURE: Final = marked("The camera gives no picture.")
_TOO_LARGE: Final = marked("Take a photo first; at most 8 MB.")
_NO_PHOTO: Final = marked("This file is no photo.")

router = APIRouter(dependencies=[Depends(consented)])


@router.get("/photo")
async def page(request: Request, enrolment: AgreedDep) -> Response:
    """Camera, or a file."""
    return show(request, "photo.html", step="photo", taken=enrolment.photo is not None, notes=enrolment.photo_notes)


@router.post("/photo/frame")
async def frame(request: Request) -> Response:
    """What to say about one small picture of the camera; it is not kept."""
    try:
        seen = await run_in_threadpool(look, (await request.body())[:_MAX_FRAME])
    except PhotoUnreadableError:
        return JSONResponse({"good": False, "say": [language_of(request).say(_NO_PICTURE)], "box": None})
    words = [language_of(request).say(each) for each in seen.say]
    return JSONResponse({"good": seen.good, "say": words, "box": seen.box})


@router.post("/photo")
async def take(request: Request, station: StationDep, enrolment: AgreedDep) -> Response:
    """Keep the photo, and say what could be better; the officer decides."""
    photo = (await read_form(request)).files.get("photo")
    if photo is None or len(photo) > _MAX_PHOTO:
        return show(
            request, "photo.html", 422, step="photo", taken=enrolment.photo is not None,
            notes=[_TOO_LARGE],
        )  # fmt: skip
    try:
        seen = await run_in_threadpool(look, photo)
    except PhotoUnreadableError:
        return show(request, "photo.html", 422, step="photo", taken=False, notes=[_NO_PHOTO])
    enrolment.photo, enrolment.photo_notes = photo, [*seen.say, *await _gateway_says(station, photo)]
    return RedirectResponse("/photo", 303)


@router.get("/photo/taken")
async def taken(enrolment: AgreedDep) -> Response:
    """The photo, to be looked at."""
    return Response(enrolment.photo or b"", 200 if enrolment.photo else 404, media_type="image/jpeg")


async def _gateway_says(station: Station, photo: bytes) -> list[Saying]:
    """The engine's own judgement, when there is a network."""
    if not station.sender.line.online:
        return []
    item = {"biometricType": "FACE", "biometricSubType": "PORTRAIT", "image": encode(photo)}
    told = await station.gateway.quality(item)
    if told is None or told.get("usable"):
        return []
    reason = str(told.get("reason") or "?")
    return [Saying("The gateway could not use this photo (%(reason)s). Take it again.", reason=reason)]
