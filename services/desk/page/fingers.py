"""Fourth: fingers. Which, up to three tries each, the best is kept; or why there is none."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.desk.enrolment import MOST_TRIES, USUAL_FINGERS, Enrolment
from services.desk.page.forms import read_form
from services.desk.page.presence import AgreedDep, StationDep, consented
from services.desk.page.render import show
from services.desk.page.words import how_to_mend
from services.desk.queue.gateway import encode
from services.desk.scanners.images import PNG
from services.desk.scanners.scanner import Capture, ScannerError
from services.desk.station import Station
from shared.contracts.registrations import FingerException, FingerPosition
from shared.pages.languages import marked

_CAPTURE_S = 20.0

_BUSY = marked("The scanner is waiting for a finger already.")


@dataclass(frozen=True)
class Refusal:
    """Why there is no print of a finger: what to do in the officer's words, and what the scanner's adapter said."""

    position: FingerPosition
    mend: str
    detail: str = ""


router = APIRouter(dependencies=[Depends(consented)])


@router.get("/fingers")
async def page(request: Request, station: StationDep, enrolment: AgreedDep) -> Response:
    """The fingers so far."""
    return _page(request, station, enrolment)


@router.post("/fingers")
async def add(request: Request, enrolment: AgreedDep) -> Response:
    """Another finger than the usual two."""
    wanted = (await read_form(request)).text("position")
    if wanted in set(FingerPosition):
        enrolment.finger(FingerPosition(wanted))
    return RedirectResponse("/fingers", 303)


@router.post("/fingers/{position}/capture")
async def capture(request: Request, position: FingerPosition, station: StationDep, enrolment: AgreedDep) -> Response:
    """One try."""
    state = enrolment.finger(position)
    if station.scanner is None or not state.may_try:
        return _page(request, station, enrolment)
    if station.capturing.locked():
        return _page(request, station, enrolment, Refusal(position, _BUSY), 409)
    async with station.capturing:
        try:
            taken = await station.scanner.capture(position, _CAPTURE_S)
        except ScannerError as error:
            return _page(request, station, enrolment, Refusal(position, how_to_mend(error), str(error)), 409)
        usable = await _usable(station, position, taken)
    state.tries.append(taken)
    state.usable.append(usable)
    return RedirectResponse("/fingers", 303)


@router.post("/fingers/{position}/exception")
async def exception(request: Request, position: FingerPosition, enrolment: AgreedDep) -> Response:
    """It cannot be captured, and why; or it can after all."""
    why = (await read_form(request)).text("why")
    state = enrolment.finger(position)
    state.exception = FingerException(why) if why in set(FingerException) else None
    if state.exception is not None:
        state.tries, state.usable = [], []
    return RedirectResponse("/fingers", 303)


@router.get("/fingers/{position}/print")
async def shown(position: FingerPosition, enrolment: AgreedDep) -> Response:
    """The best print so far, to be looked at."""
    best = enrolment.finger(position).best
    if best is None or best.media_type != PNG:
        return Response(status_code=404)
    return Response(best.image, media_type=PNG)


async def _usable(station: Station, position: FingerPosition, taken: Capture) -> bool | None:
    """What the gateway's engine says; none without a network."""
    if not station.sender.line.online:
        return None
    item = {"biometricType": "FINGER", "biometricSubType": position.osia, "image": encode(taken.image)}
    told = await station.gateway.quality(item)
    return None if told is None else bool(told.get("usable"))


def _page(
    request: Request, station: Station, enrolment: Enrolment, refusal: Refusal | None = None, status: int = 200
) -> Response:
    chosen = [*USUAL_FINGERS, *(each for each in enrolment.fingers if each not in USUAL_FINGERS)]
    cards = [_card(each, enrolment) for each in chosen]
    others = [each for each in FingerPosition if each not in {*chosen, FingerPosition.UNKNOWN}]
    return show(
        request, "fingers.html", status, step="fingers", refusal=refusal, others=others, most=MOST_TRIES,
        cards=cards, following=refusal.position if refusal else _next(cards), scanner=station.settings.scanner,
    )  # fmt: skip


def _next(cards: list[dict[str, Any]]) -> FingerPosition | None:
    """The finger that has neither a print that may be used nor an exception yet: it has the focus."""
    wanted = (card for card in cards if card["best"] is None or card["usable"] is False)
    return next((card["position"] for card in wanted if card["state"].may_try), None)


def _card(position: FingerPosition, enrolment: Enrolment) -> dict[str, Any]:
    state = enrolment.finger(position)
    best = state.best
    usable = state.usable[state.tries.index(best)] if best is not None else None
    return {
        "position": position,
        "state": state,
        "best": best,
        "usable": usable,
        "seen": best and best.media_type == PNG,
    }
