"""A visit to a page: who is signed in, for which purpose and case they ask, and in which language they read."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote, unquote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from services.gateway.access.policy import Action, CaseReferenceMissingError, Kind, NotAllowedError, Policy, Row
from services.gateway.access.sessions import SignedIn, access_token_for, read_session, require_csrf
from services.gateway.console.asking import Asking, OwnDoors
from services.gateway.console.languages import LANGUAGES, ZONES, Language, marked, zone_of_member
from services.gateway.console.pages import page
from shared.contracts.caller import NEEDS_CASE, Purpose, Role
from shared.settings import Settings

WHY_COOKIE: Final = "lindung-why"
LANGUAGE_COOKIE: Final = "lindung-language"
ZONE_COOKIE: Final = "lindung-zone"
_CASE: Final = re.compile(r"^[\w./ -]{1,100}$")

Need = tuple[Kind, Action]
"""What a page asks of the doors before anything else: it decides which purposes it may state."""


class NotSignedInError(Exception):
    """Nobody is signed in."""


class NotForRoleError(Exception):
    """The role that the visitor signed in with has no use for this page."""


class CaseWantedError(Exception):
    """The page's purpose is only lawful for a numbered case, and none was named yet."""


@dataclass(frozen=True)
class Place:
    """A page that the navigation leads to."""

    path: str
    label: str
    need: Need


PLACES: Final = (
    Place("/console/screen", marked("Screen"), (Kind.PARTY, Action.SCREEN)),
    Place("/console/watches", marked("Watches"), (Kind.PARTY, Action.SCREEN)),
    Place("/console/decide", marked("Decide"), (Kind.ADJUDICATION, Action.LIST)),
    Place("/console/registrations", marked("Registrations"), (Kind.REGISTRATION, Action.LIST)),
    Place("/console/red-flags", marked("Red flags"), (Kind.RED_FLAG, Action.LIST)),
    Place("/console/visits", marked("Visits"), (Kind.VISIT, Action.LIST)),
    Place("/console/complaints", marked("Complaints"), (Kind.COMPLAINT, Action.LIST)),
    Place("/console/interviews", marked("Conversations"), (Kind.ASSESSMENT, Action.LIST)),
    Place("/console/referrals", marked("Referrals"), (Kind.REFERRAL, Action.LIST)),
    Place("/console/support", marked("Support"), (Kind.SUPPORT, Action.LIST)),
    Place("/console/claims", marked("Claims"), (Kind.CLAIM, Action.LIST)),
    Place("/console/log", marked("Log of accesses"), (Kind.AUDIT, Action.READ)),
    Place("/console/alerts", marked("Alerts"), (Kind.ALERT, Action.LIST)),
    Place("/console/fund", marked("Aid fund"), (Kind.FUND, Action.READ)),
    Place("/console/members", marked("Members"), (Kind.CORRECTION, Action.READ)),
    Place("/console/operations", marked("Accuracy & operations"), (Kind.OPERATION, Action.READ)),
    Place("/console/administration", marked("Administration"), (Kind.PARTY, Action.WRITE)),
    Place("/console/acts", marked("To confirm"), (Kind.APPOINTMENT, Action.WRITE)),
    Place("/console/people", marked("People"), (Kind.APPOINTMENT, Action.LIST)),
    Place("/console/systems", marked("Systems and desks"), (Kind.APPOINTMENT, Action.LIST)),
    Place("/console/keys", marked("Keys"), (Kind.APPOINTMENT, Action.LIST)),
)
"""Where the navigation leads, for roles that may go there."""


@dataclass(frozen=True)
class Visit:
    """One request of one visitor.

    Attributes:
        request: as it came.
        who: who is signed in.
        language: how they read.
        purpose: why they ask; None on pages that ask for nothing.
        purposes: those that this page can be asked for in their role.
        case: the case reference that they gave.
        places: where the navigation leads.
    """

    request: Request
    who: SignedIn
    language: Language
    purpose: Purpose | None
    purposes: tuple[Purpose, ...]
    case: str | None
    places: tuple[Place, ...]

    @property
    def ask(self) -> Asking:
        """The gateway's doors, as this visitor."""
        doors = cast("OwnDoors", self.request.app.state.own_doors)
        return Asking(doors, access_token_for(self.request, self.who), self.purpose, self.case)

    def show(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page for this visitor."""
        return page(template, self.language, status, visit=self, here=self.request.url.path, **values)

    async def form(self) -> FormData:
        """The form that was sent, once it is sure that a page of ours sent it.

        Raises:
            CsrfRefusedError: it did not come from a page of this session.
        """
        form = await self.request.form()
        require_csrf(self.who, text_of(form, "csrf"))
        return form

    def may(self, kind: str, action: str) -> bool:
        """Whether the visitor's role can do something for the purpose of this page."""
        policy = cast("Policy", self.request.app.state.policy)
        need = Kind(kind), Action(action)
        return self.purpose is not None and _admits(policy, self.who.role, self.purpose, need)


def text_of(form: FormData, name: str) -> str:
    """A field of a form as text, trimmed; empty where there is none."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def texts_of(form: FormData, name: str) -> list[str]:
    """All values of a field that may be ticked more than once."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def visiting(*needs: Need) -> Callable[[Request], Awaitable[Visit]]:
    """A dependency: the visit to a page.

    Args:
        needs: what the page asks for, each enough by itself; none: nothing that needs a purpose.
    """

    async def visit(request: Request) -> Visit:
        who = await read_session(request)
        if who is None:
            raise NotSignedInError
        policy = cast("Policy", request.app.state.policy)
        stated, case = read_why(request)
        purposes = purposes_for(policy, who.role, *needs)
        if needs and not purposes:
            raise NotForRoleError
        purpose = stated if stated in purposes else next(iter(purposes), None)
        if purpose in NEEDS_CASE and not case:
            raise CaseWantedError
        open_to = tuple(place for place in PLACES if purposes_for(policy, who.role, place.need))
        return Visit(request, who, language_of(request, who), purpose, purposes, case, open_to)

    return visit


def purposes_for(policy: Policy, role: Role, *needs: Need) -> tuple[Purpose, ...]:
    """For which purposes a role may do one of some things, in the order of the closed list."""
    return tuple(each for each in Purpose if any(_admits(policy, role, each, need) for need in needs))


def _admits(policy: Policy, role: Role, purpose: Purpose, need: Need) -> bool:
    try:
        policy.admit(Row(role, purpose, *need), "any")
    except (NotAllowedError, CaseReferenceMissingError):
        return False
    return True


def language_of(request: Request, who: SignedIn | None) -> Language:
    """How a visitor reads: what was chosen on this machine, else by the person, else English and the member's time."""
    chosen = request.cookies.get(LANGUAGE_COOKIE) or (who.language if who else None) or "en"
    member = who.member if who else cast("Settings", request.app.state.settings).member
    zone = request.cookies.get(ZONE_COOKIE, "")
    return Language(
        chosen if chosen in LANGUAGES else "en", unquote(zone) if unquote(zone) in ZONES else zone_of_member(member)
    )


def read_why(request: Request) -> tuple[Purpose | None, str | None]:
    """The purpose and the case that were stated last in this browser; what cannot be read was not stated."""
    purpose, _, case = unquote(request.cookies.get(WHY_COOKIE, "")).partition("|")
    return Purpose(purpose) if purpose in set(Purpose) else None, case if _CASE.match(case) else None


def is_case_reference(text: str) -> bool:
    """Whether a text can stand as a case reference."""
    return _CASE.match(text) is not None


def keep(response: RedirectResponse, request: Request, name: str, value: str) -> None:
    """Remember a choice in the browser until it is closed; no secret."""
    secure = cast("Settings", request.app.state.settings).public_url.startswith("https://")
    response.set_cookie(name, quote(value), path="/", httponly=True, samesite="strict", secure=secure)


def forward_to(path: str, **query: str) -> RedirectResponse:
    """To another page, by GET."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303, {"Cache-Control": "no-store"})


def local_path(text: str | None, otherwise: str = "/console") -> str:
    """An address to go on to, if it is a page of the console; nothing else is followed."""
    known = text is not None and text.startswith("/console") and not text.startswith("//") and "\\" not in text
    return str(text) if known else otherwise
