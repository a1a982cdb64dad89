"""Last: look it over, seal it, and give the worker a receipt."""

from typing import Annotated, Final

import segno
import structlog
from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from pydantic import ValidationError

from services.desk.enrolment import Enrolment
from services.desk.page.forms import read_form
from services.desk.page.notices import notices
from services.desk.page.presence import StationDep, WorkerDep
from services.desk.page.render import show
from services.desk.particulars import GROUPS
from services.desk.queue.keystore import NoPacketKeyError
from services.desk.queue.outbox import OutboxFullError
from services.desk.station import Station
from shared.contracts.registrations import FingerException, FingerPosition
from shared.pages.languages import marked

log = structlog.get_logger(__name__)
_NO_KEY: Final = marked("Not kept: this desk was never connected to the gateway, and cannot seal.")
_FULL: Final = marked("Not kept: the disk is full. Connect the desk to send what waits, or make room; then try again.")
_DISK: Final = marked("Not kept: the disk failed. Nothing was lost; try again.")

router = APIRouter()


@router.get("/review")
async def review(request: Request, station: StationDep, enrolment: WorkerDep) -> Response:
    """Everything on one page, what is missing, and whether the same worker seems to be packed already."""
    return _review(request, station, enrolment)


@router.post("/submit")
async def submit(request: Request, station: StationDep, enrolment: WorkerDep) -> Response:
    """Seal, keep, forget: from here on nobody at this desk can read it."""
    seen = (await read_form(request)).text("double") == "seen"
    async with enrolment.sealing:
        refusal = None
        if station.enrolment is enrolment:  # else the same button was pressed twice, and it is done
            refusal = await _seal(request, station, enrolment, seen)
    if refusal is not None:
        return refusal
    language = str((enrolment.notice or {"language": "en"})["language"])
    return RedirectResponse(f"/receipt/{enrolment.reference}?language={language}", 303)


async def _seal(request: Request, station: Station, enrolment: Enrolment, seen: bool) -> Response | None:
    """Pack the worker; or the page that says why not."""
    try:
        wanted = enrolment.request()
    except ValidationError:
        return RedirectResponse("/document", 303)
    if not seen and station.packer.double(wanted) is not None:
        return _review(request, station, enrolment, status=409)
    adapter = station.settings.scanner or ""
    devices = [taken.evidence(adapter, position) for position, taken in enrolment.captured().items()]
    try:
        await station.packer.pack(wanted, devices)
    except NoPacketKeyError:
        return _review(request, station, enrolment, _NO_KEY, 507)
    except OutboxFullError:
        return _review(request, station, enrolment, _FULL, 507)
    except OSError as error:
        log.error("desk_disk", error=type(error).__name__)
        return _review(request, station, enrolment, _DISK, 507)
    station.forget()
    station.sender.wake()
    return None


@router.get("/receipt/{reference}")
async def receipt(
    request: Request,
    station: StationDep,
    reference: Annotated[str, Path(pattern=r"^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$")],
    language: str = "en",
) -> Response:
    """To be printed: the reference, as text and as a QR code, and nothing about the worker."""
    known = notices()
    code = segno.make(reference, error="m", micro=False).svg_inline(scale=6, border=2)
    return show(
        request, "receipt.html", step="receipt", reference=reference, code=Markup(code),  # noqa: S704  segno's own SVG
        notice=known.get(language, known["en"]), english=known["en"],
        today=station.today().isoformat(),
        received=station.outbox.receipts.find(reference) is not None,
    )  # fmt: skip


def _review(
    request: Request, station: Station, enrolment: Enrolment, said: str | None = None, status: int = 200
) -> Response:
    try:
        double = station.packer.double(enrolment.request()) is not None
    except ValidationError:
        return RedirectResponse("/document", 303)
    return show(
        request, "review.html", status, step="review", enrolment=enrolment, missing=_missing(enrolment),
        double=double, said=said, fingers=_fingers(enrolment), told=_told(enrolment),
    )  # fmt: skip


def _missing(enrolment: Enrolment) -> list[str]:
    """What the gateway will mark as missing; the worker is registered all the same."""
    if not enrolment.agreed:
        return [marked("Photo and fingerprints: not taken.")]
    missing = [] if enrolment.photo else [marked("There is no photo.")]
    missing += [] if enrolment.captured() else [marked("There is no fingerprint.")]
    return missing + ([] if enrolment.fields.get("document.number") else [marked("There is no document number.")])


def _told(enrolment: Enrolment) -> dict[str, dict[str, str]]:
    """What was typed or given, by the groups in which it was asked."""
    given = {name: value for name, value in enrolment.fields.items() if value} | dict.fromkeys(enrolment.files, "")
    told = {group: {name: given[name] for name in names if name in given} for group, names in GROUPS.items()}
    return {group: fields for group, fields in told.items() if fields}


def _fingers(enrolment: Enrolment) -> list[tuple[FingerPosition, FingerException | None]]:
    """Fingers that have a print, or a reason why there is none."""
    return [(position, each.exception) for position, each in enrolment.fingers.items() if each.exception or each.best]
