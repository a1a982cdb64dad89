"""Second: the document, typed, read by a scanner that types, photographed, or read from its chip."""

from datetime import UTC, date, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from services.desk.enrolment import Enrolment
from services.desk.page.forms import Form, read_form
from services.desk.page.presence import StationDep, WorkerDep
from services.desk.page.render import show
from shared.standards.dates import DateIntervalError
from shared.standards.mrz import MrzFormatError, birth_interval, expiry_date, parse_mrz

FIELDS: Final = (
    "document.mrz", "name", "native_name", "born", "sex", "nationality",
    "document.number", "document.issuer", "document.expires",
    "placement.destination", "placement.sector", "placement.start",
)  # fmt: skip
FILES: Final = ("document.page", "document.chip.dg1", "document.chip.dg2", "document.chip.sod")
_UPPER: Final = frozenset({"nationality", "document.number", "document.issuer", "placement.destination"})
_LIMITS: Final = {"document.page": 8_000_000, "document.chip.dg1": 1_000, "document.chip.dg2": 2_000_000,
                  "document.chip.sod": 200_000}  # fmt: skip

router = APIRouter()


@router.get("/document")
async def read(request: Request, enrolment: WorkerDep) -> Response:
    """The form, with what is known."""
    return _form(request, enrolment, {})


@router.post("/document")
async def write(request: Request, station: StationDep, enrolment: WorkerDep) -> Response:
    """Keep what was typed; go on when it fits."""
    form, today = await read_form(request), _today(station.clock.now())
    wrong = _take(form, enrolment)
    if form.text("do") == "read":
        told = zone(form.text("document.mrz"), today)
        enrolment.fields |= told["fields"]
        return _form(request, enrolment, {}, told["said"])
    wrong |= enrolment.wrong(today)
    if wrong:
        return _form(request, enrolment, wrong, status=422)
    return RedirectResponse("/photo" if enrolment.agreed else "/review", 303)


@router.post("/document/zone")
async def zone_typed(request: Request, station: StationDep, _enrolment: WorkerDep) -> Response:
    """What a machine-readable zone says, for the page to fill in as it is typed."""
    form = await read_form(request)
    return JSONResponse(zone(form.text("document.mrz"), _today(station.clock.now())))


def zone(text: str, today: date) -> dict[str, Any]:
    """A zone's fields by the form's names, and what there is to say about it."""
    try:
        mrz = parse_mrz(text)
    except MrzFormatError as error:
        return {"fields": {}, "said": f"The zone cannot be read: {error}.", "good": False}
    expires = expiry_date(mrz.expiry, today)
    fields = {
        "name": f"{mrz.given_names} {mrz.surname}".strip(),
        "born": _born(mrz.birth, today),
        "sex": mrz.sex if mrz.sex in {"M", "F"} else "",
        "nationality": mrz.nationality,
        "document.number": mrz.document_number,
        "document.issuer": mrz.issuer,
        "document.expires": expires.isoformat() if expires else "",
    }
    bad = [check.field.replace("_", " ") for check in mrz.checks if not check.ok]
    said = f"Read. Check digits do not agree: {', '.join(bad)}. Look again." if bad else "Read; all check digits agree."
    return {"fields": fields, "said": said, "good": not bad}


def _born(raw: str, today: date) -> str:
    try:
        born = birth_interval(raw, today)
    except DateIntervalError:
        return ""
    first, last = born.earliest.isoformat(), born.latest.isoformat()
    same = next((size for size in (10, 7, 4) if first[:size] == last[:size]), 0)
    return first[:same]


def _take(form: Form, enrolment: Enrolment) -> dict[str, str]:
    wrong = {}
    for name in FIELDS:
        value = form.text(name)
        enrolment.fields[name] = value.upper() if name in _UPPER else value
    if not enrolment.fields["placement.destination"] and not enrolment.fields["placement.start"]:
        enrolment.fields["placement.sector"] = ""
    for name in FILES:
        content = form.files.get(name)
        if content is not None and len(content) > _LIMITS[name]:
            wrong[name] = f"The file is larger than {_LIMITS[name]:,} octets."
        elif content is not None:
            enrolment.files[name] = content
    return wrong


def _form(
    request: Request, enrolment: Enrolment, wrong: dict[str, str], said: str | None = None, status: int = 200
) -> Response:
    fields = {name: enrolment.fields.get(name, "") for name in FIELDS}
    return show(
        request, "document.html", status, step="document",
        fields=fields, given=sorted(enrolment.files), wrong=wrong, said=said,
    )  # fmt: skip


def _today(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()
