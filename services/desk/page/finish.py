"""Last: look it over, seal it, and give the worker a receipt."""

from datetime import UTC, datetime
from typing import Annotated

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
from services.desk.queue.keystore import NoPacketKeyError
from services.desk.queue.outbox import OutboxFullError
from services.desk.station import Station

log = structlog.get_logger(__name__)
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
        return _review(request, station, enrolment, "Look at the warning first.", 409)
    adapter = station.settings.scanner or ""
    devices = [taken.evidence(adapter, position) for position, taken in enrolment.captured().items()]
    try:
        await station.packer.pack(wanted, devices)
    except (OutboxFullError, NoPacketKeyError) as error:
        return _review(request, station, enrolment, f"Not kept: {error}.", 507)
    except OSError as error:
        log.error("desk_disk", error=type(error).__name__)
        return _review(request, station, enrolment, "Not kept: the disk failed. Nothing was lost; try again.", 507)
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
        today=datetime.fromtimestamp(station.clock.now(), UTC).date().isoformat(),
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
        double=double, said=said, prints=sorted(enrolment.captured()),
    )  # fmt: skip


def _missing(enrolment: Enrolment) -> list[str]:
    """What the gateway will mark as missing; the worker is registered all the same."""
    if not enrolment.agreed:
        return ["Photo and fingerprints: not taken."]
    missing = [] if enrolment.photo else ["There is no photo."]
    missing += [] if enrolment.captured() else ["There is no fingerprint."]
    return missing + ([] if enrolment.fields.get("document.number") else ["There is no document number."])
