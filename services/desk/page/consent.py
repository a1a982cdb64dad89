"""First: the worker is told, in their language, and decides."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.desk.enrolment import Enrolment
from services.desk.page.forms import read_form
from services.desk.page.notices import NoticeText, notices
from services.desk.page.presence import StationDep, WorkerDep, language_of
from services.desk.page.render import show
from shared.contracts.registrations import NoBiometrics
from shared.pages.languages import marked

router = APIRouter()


@router.post("/start")
async def start(request: Request, station: StationDep) -> Response:
    """A new worker, unless there is no room to keep one."""
    if not station.keys.ready:
        return show(
            request, "trouble.html", 503, said=marked("Connect this desk to the gateway once; then it can seal.")
        )
    if not station.outbox.room().fits:
        said = marked("The disk is nearly full. Nothing more is taken until it is not.")
        return show(request, "trouble.html", 507, said=said)
    station.begin()
    return RedirectResponse("/consent", 303)


@router.get("/consent")
async def read(
    request: Request, station: StationDep, enrolment: WorkerDep, language: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """The notice: in the language that was asked for, that this worker read it in, or that the one before did."""
    read_in = enrolment.notice["language"] if enrolment.notice else station.notice_language
    chosen = language or read_in or language_of(request).code
    return _notice(request, enrolment, notices().get(chosen, notices()["en"]), picked=bool(language))


@router.post("/consent")
async def decide(request: Request, station: StationDep, enrolment: WorkerDep) -> Response:
    """Yes or no. Either goes on."""
    form = await read_form(request)
    notice = notices().get(form.text("language"), notices()["en"])
    choice, reason = form.text("choice"), form.text("reason")
    if choice not in {"agree", "disagree"}:
        wrong = marked("Let the worker choose one.")
        return _notice(request, enrolment, notice, picked=True, wrong=wrong, status=422)
    agreed = choice == "agree"
    station.notice_language = notice.language
    enrolment.notice = {"version": notice.version, "language": notice.language, "biometrics_agreed": agreed}
    enrolment.no_biometrics = NoBiometrics.REFUSED if not agreed else _reason(reason)
    if not enrolment.agreed:
        enrolment.photo, enrolment.fingers = None, {}
    return RedirectResponse("/document", 303)


def _notice(
    request: Request, enrolment: Enrolment, notice: NoticeText, *, picked: bool, wrong: str = "", status: int = 200
) -> Response:
    """The page. `picked`: the language was chosen for this worker, and the choice is what comes next."""
    decided = enrolment.notice and ("agree" if enrolment.notice["biometrics_agreed"] else "disagree")
    return show(
        request, "consent.html", status, step="consent", notice=notice, picked=picked or enrolment.notice is not None,
        decided=decided, reason=enrolment.no_biometrics, wrong=wrong,
    )  # fmt: skip


def _reason(text: str) -> NoBiometrics | None:
    """Agreed, and still without biometrics: why."""
    return NoBiometrics(text) if text in set(NoBiometrics) - {NoBiometrics.REFUSED} else None
