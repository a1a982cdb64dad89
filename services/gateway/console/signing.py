"""Pages of signing in and out, of the first sign-in, and of what a visitor chooses: role, language, time, purpose."""

from typing import Annotated, Final, cast

import segno
from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from services.gateway.access.enrolment import (
    Enrolment,
    EnrolmentRefusedError,
    begin_enrolment,
    finish_enrolment,
)
from services.gateway.access.people.passwords import PasswordRefusedError
from services.gateway.access.people.slowing import SignInSlowedError
from services.gateway.access.sessions import (
    end_session,
    list_sessions,
    require_own_origin,
    set_language,
    sign_out,
    switch_role,
)
from services.gateway.access.signing_in import SignInRefusedError, sign_in
from services.gateway.console.languages import LANGUAGES, ZONES, marked
from services.gateway.console.pages import FileUnknownError, page, page_file
from services.gateway.console.routing import page_router
from services.gateway.console.visit import (
    LANGUAGE_COOKIE,
    WHY_COOKIE,
    ZONE_COOKIE,
    Visit,
    forward_to,
    is_case_reference,
    keep,
    language_of,
    local_path,
    purposes_for,
    read_why,
    text_of,
    visiting,
)
from shared.contracts.caller import NEEDS_CASE, Purpose, Role
from shared.settings import Settings

router = page_router("")
AnyDep = Annotated[Visit, Depends(visiting())]

_WRONG: Final = marked("Name, password or code is wrong, or the code was used already: wait for the next one.")
_SLOWED: Final = marked("Too many attempts. Wait a little, then try again.")
_PROVIDER: Final = marked("The other provider did not let you in.")
_CODE: Final = marked("This code is not known, was used, or has run out; or the app’s number is wrong.")


@router.get("/login")
async def login_page(request: Request, next: str | None = None, refused: str | None = None) -> Response:  # noqa: A002
    """Who are you?"""
    return _login(request, next, _PROVIDER if refused else None)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Name, password and the app's code."""
    require_own_origin(request)
    form = await request.form()
    answer = forward_to(local_path(text_of(form, "next")))
    try:
        await sign_in(
            request, answer, text_of(form, "username"), str(form.get("password") or ""), text_of(form, "code")
        )
    except SignInRefusedError:
        return _login(request, text_of(form, "next"), _WRONG, 401)
    except SignInSlowedError:
        return _login(request, text_of(form, "next"), _SLOWED, 429)
    return answer


def _login(request: Request, next_path: str | None, wrong: str | None, status: int = 200) -> HTMLResponse:
    settings = cast("Settings", request.app.state.settings)
    language = language_of(request, None)
    return page(
        "login.html",
        language,
        status,
        visit=None,
        here="/login",
        next=local_path(next_path),
        wrong=wrong,
        provider=getattr(settings, "oidc_issuer", None),
        member=settings.member,
    )


@router.post("/login/language")
async def choose_before(request: Request) -> Response:
    """Another language, before anybody is signed in."""
    require_own_origin(request)
    chosen = text_of(await request.form(), "language")
    answer = forward_to("/login")
    keep(answer, request, LANGUAGE_COOKIE, chosen if chosen in LANGUAGES else "en")
    return answer


@router.get("/enrol")
async def enrol_page(request: Request) -> Response:
    """The first sign-in begins with the code of an invitation."""
    return _enrol(request, None, "")


@router.post("/enrol")
async def enrol(request: Request) -> Response:
    """First the code alone; then the code with a password and the app's number."""
    require_own_origin(request)
    form = await request.form()
    code, password, totp = text_of(form, "code"), str(form.get("password") or ""), text_of(form, "totp")
    try:
        enrolment = await begin_enrolment(request, code)
        if not totp:
            return _enrol(request, enrolment, code)
        try:
            await finish_enrolment(request, code, password, totp)
        except PasswordRefusedError as error:
            return _enrol(request, enrolment, code, str(getattr(error, "reason", error)), 422)
    except EnrolmentRefusedError:
        return _enrol(request, None, code, _CODE, 403)
    except SignInSlowedError:
        return _enrol(request, None, code, _SLOWED, 429)
    return forward_to("/login")


def _enrol(
    request: Request, enrolment: Enrolment | None, code: str, wrong: str | None = None, status: int = 200
) -> HTMLResponse:
    picture = None
    if enrolment is not None:
        drawn = segno.make(enrolment.uri, error="m").svg_inline(scale=5, border=4, lineclass=None, svgclass="code")
        picture = Markup(drawn)  # noqa: S704  drawn here, from a text that it does not repeat
    language = language_of(request, None)
    return page(
        "enrol.html",
        language,
        status,
        visit=None,
        here="/enrol",
        enrolment=enrolment,
        code=code,
        wrong=wrong,
        picture=picture,
    )


@router.post("/logout")
async def log_out(visit: AnyDep) -> Response:
    """End this session."""
    await visit.form()
    answer = forward_to("/login")
    await sign_out(visit.request, answer, visit.who)
    answer.delete_cookie(WHY_COOKIE)
    return answer


@router.get("/console")
async def home(visit: AnyDep) -> Response:
    """The first page of this role."""
    if visit.places:
        return forward_to(visit.places[0].path)
    return forward_to("/console/settings")


@router.get("/console/settings")
async def settings_page(visit: AnyDep) -> Response:
    """Role, language, time zone, open sessions."""
    return visit.show("settings.html", zones=ZONES, sessions=await list_sessions(visit.request, visit.who))


@router.post("/console/settings/role")
async def take_role(visit: AnyDep) -> Response:
    """Go on in another of one's roles."""
    form = await visit.form()
    answer = forward_to("/console")
    role = next((each for each in visit.who.roles if each == text_of(form, "role")), visit.who.role)
    await switch_role(visit.request, answer, visit.who, Role(role))
    answer.delete_cookie(WHY_COOKIE)
    return answer


@router.post("/console/settings/reading")
async def choose_reading(visit: AnyDep) -> Response:
    """Language and time zone."""
    form = await visit.form()
    answer = forward_to("/console/settings")
    language, zone = text_of(form, "language"), text_of(form, "zone")
    if language in LANGUAGES:
        await set_language(visit.request, visit.who, language)
        keep(answer, visit.request, LANGUAGE_COOKIE, language)
    if zone in ZONES:
        keep(answer, visit.request, ZONE_COOKIE, zone)
    return answer


@router.post("/console/settings/sessions")
async def close_session(visit: AnyDep) -> Response:
    """End another of one's own sessions."""
    form = await visit.form()
    await end_session(visit.request, visit.who, text_of(form, "session"))
    return forward_to("/console/settings")


@router.get("/console/purpose")
async def purpose_page(visit: AnyDep, next: str | None = None) -> Response:  # noqa: A002
    """Why do you ask?"""
    return _purpose(visit, local_path(next))


@router.post("/console/purpose")
async def state_purpose(visit: AnyDep) -> Response:
    """State the purpose, and the case where it needs one."""
    form = await visit.form()
    purpose, case, path = text_of(form, "purpose"), text_of(form, "case"), local_path(text_of(form, "next"))
    if purpose not in set(_own_purposes(visit)):
        return _purpose(visit, path, status=422)
    if (case and not is_case_reference(case)) or (not case and Purpose(purpose) in NEEDS_CASE):
        return _purpose(visit, path, case_wrong=True, status=422)
    answer: RedirectResponse = forward_to(path)
    keep(answer, visit.request, WHY_COOKIE, f"{purpose}|{case}")
    return answer


def _purpose(visit: Visit, path: str, *, case_wrong: bool = False, status: int = 200) -> Response:
    stated, case = read_why(visit.request)
    own = _own_purposes(visit)
    return visit.show(
        "purpose.html",
        status,
        own=own,
        stated=stated if stated in own else next(iter(own), None),
        case=case or "",
        next=path,
        case_wrong=case_wrong,
        needs_case=NEEDS_CASE,
    )


def _own_purposes(visit: Visit) -> tuple[Purpose, ...]:
    """The purposes of the pages that this role can open."""
    policy = visit.request.app.state.policy
    return purposes_for(policy, visit.who.role, *(place.need for place in visit.places))


@router.get("/console/files/{name}")
async def read_page_file(name: str, v: str | None = None) -> Response:
    """A file that pages are made of; an address with its digest changes with its content."""
    try:
        content, media_type = page_file(name)
    except FileUnknownError:
        return Response(status_code=404)
    kept = "public, max-age=31536000, immutable" if v else "no-cache"
    headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=f"{media_type}; charset=utf-8", headers=headers)
