"""First: the worker is told, in their language, and decides."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.desk.page.forms import read_form
from services.desk.page.notices import notices
from services.desk.page.presence import StationDep, WorkerDep
from services.desk.page.render import show
from shared.contracts.registrations import NoBiometrics

router = APIRouter()


@router.post("/start")
async def start(request: Request, station: StationDep) -> Response:
    """A new worker, unless there is no room to keep one."""
    if not station.keys.ready:
        return show(request, "trouble.html", 503, said="Connect this desk to the gateway once; then it can seal.")
    if not station.outbox.room().fits:
        return show(
            request, "trouble.html", 507, said="The disk is nearly full. Nothing more is taken until it is not."
        )
    station.begin()
    return RedirectResponse("/consent", 303)


@router.get("/consent")
async def read(
    request: Request, enrolment: WorkerDep, language: Annotated[str, Query(max_length=10)] = "en"
) -> Response:
    """The notice in one language."""
    if enrolment.notice is not None and "language" not in request.query_params:
        language = str(enrolment.notice["language"])
    notice = notices().get(language, notices()["en"])
    return show(request, "consent.html", step="consent", notice=notice, reasons=list(NoBiometrics), wrong=None)


@router.post("/consent")
async def decide(request: Request, enrolment: WorkerDep) -> Response:
    """Yes or no. Either goes on."""
    form = await read_form(request)
    notice = notices().get(form.text("language"), notices()["en"])
    choice, reason = form.text("choice"), form.text("reason")
    if choice not in {"agree", "disagree"}:
        return show(
            request, "consent.html", 422, step="consent", notice=notice, reasons=list(NoBiometrics),
            wrong="Let the worker choose one.",
        )  # fmt: skip
    agreed = choice == "agree"
    enrolment.notice = {"version": notice.version, "language": notice.language, "biometrics_agreed": agreed}
    enrolment.no_biometrics = NoBiometrics.REFUSED if not agreed else _reason(reason)
    if not enrolment.agreed:
        enrolment.photo, enrolment.fingers = None, {}
    return RedirectResponse("/document", 303)


def _reason(text: str) -> NoBiometrics | None:
    """Agreed, and still without biometrics: why."""
    return NoBiometrics(text) if text in set(NoBiometrics) - {NoBiometrics.REFUSED} else None
