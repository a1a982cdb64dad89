"""Second: who the worker is, from the document (typed, read by a scanner, photographed, its chip), and what is told."""

from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from services.desk.enrolment import Enrolment
from services.desk.page.forms import Form, read_form
from services.desk.page.presence import StationDep, WorkerDep, language_of
from services.desk.page.render import show
from services.desk.particulars import FIELDS, FILES, GROUPS
from shared.pages.languages import marked
from shared.standards.dates import DateIntervalError
from shared.standards.mrz import MrzFormatError, birth_interval, expiry_date, parse_mrz

_UPPER: Final = frozenset({"nationality", "document.number", "document.issuer", "placement.destination"})
_LIMITS: Final = {"document.page": 8_000_000, "document.chip.dg1": 1_000, "document.chip.dg2": 2_000_000,
                  "document.chip.sod": 200_000}  # fmt: skip
GOOD: Final = marked("Read; all check digits agree.")
_UNREADABLE: Final = marked("The zone cannot be read. It has 3 lines of 30, 2 of 36 or 2 of 44 letters, digits and <.")
_WRONG_SOMEWHERE: Final = marked("Read, but a check digit does not agree. Look at the zone again.")
_WRONG_DIGIT: Final = {
    "document_number": marked("Read, but the document number’s check digit does not agree. Look at it again."),
    "birth": marked("Read, but the check digit of the date of birth does not agree. Look at it again."),
    "expiry": marked("Read, but the check digit of the last day of validity does not agree. Look at it again."),
}

router = APIRouter()


@router.get("/document")
async def read(request: Request, enrolment: WorkerDep) -> Response:
    """The form, with what is known."""
    return _form(request, enrolment, {})


@router.post("/document")
async def write(request: Request, station: StationDep, enrolment: WorkerDep) -> Response:
    """Keep what was typed; go on when it fits."""
    form, today = await read_form(request), station.today()
    wrong = _take(form, enrolment)
    if form.text("do") == "read":
        fields, said = zone(form.text("document.mrz"), today)
        enrolment.fields |= fields
        return _form(request, enrolment, {}, said)
    wrong |= enrolment.wrong(today)
    if wrong:
        return _form(request, enrolment, wrong, status=422)
    return RedirectResponse("/photo" if enrolment.agreed else "/review", 303)


@router.post("/document/zone")
async def zone_typed(request: Request, station: StationDep, _enrolment: WorkerDep) -> Response:
    """What a machine-readable zone says, for the page to fill in as it is typed."""
    form = await read_form(request)
    fields, said = zone(form.text("document.mrz"), station.today())
    return JSONResponse({"fields": fields, "said": language_of(request).say(said), "good": said is GOOD})


def zone(text: str, today: date) -> tuple[dict[str, str], str]:
    """A zone's fields by the form's names, and what there is to say about it."""
    try:
        mrz = parse_mrz(text)
    except MrzFormatError:
        return {}, _UNREADABLE
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
    wrong = next((check.field for check in mrz.checks if not check.ok), None)
    return fields, GOOD if wrong is None else _WRONG_DIGIT.get(wrong, _WRONG_SOMEWHERE)


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
    for name in FILES:
        content = form.files.get(name)
        if content is not None and len(content) > _LIMITS[name]:
            wrong[name] = marked("The file is too large.")
        elif content is not None:
            enrolment.files[name] = content
    return wrong


def _form(
    request: Request, enrolment: Enrolment, wrong: dict[str, str], said: str | None = None, status: int = 200
) -> Response:
    """The page. What was given stands open, and what does not fit; the first of those has the focus."""
    fields = {name: enrolment.fields.get(name, "") for name in FIELDS}
    told = {name for name, value in fields.items() if value} | set(enrolment.files) | set(wrong)
    asked = ("document.mrz", *(name for names in GROUPS.values() for name in names))
    opened = [group for group, names in GROUPS.items() if told.intersection(names)]
    return show(
        request, "document.html", status, step="document", fields=fields, files=FILES, given=sorted(enrolment.files),
        wrong=wrong, said=said, opened=opened, first=next((name for name in asked if name in wrong), None),
    )  # fmt: skip
