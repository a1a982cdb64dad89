"""Sessions of people in browsers: a cookie that says nothing, a row that says who, and what forms must carry."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from fastapi import Request, Response

from services.gateway.access.people.room import people_of
from services.gateway.access.people.session_store import LIFETIME, Standing, session_id
from services.gateway.access.people.tables import UserRow
from services.gateway.access.people.users import RoleRefusedError
from services.gateway.access.recording import Step, record, user_subject
from services.gateway.access.tokens import CONSOLE, TokenIssuer
from services.gateway.audit.log import AuditLog
from shared.contracts.caller import Caller, Role
from shared.settings import Settings


class CsrfRefusedError(Exception):
    """A form that did not come from a page of ours."""


@dataclass(frozen=True)
class SignedIn:
    """Somebody who is signed in, as what they are at the moment.

    Attributes:
        session: what the session is known by; not the cookie's value.
        role: the one picked for this session, of `roles`.
        csrf: what every form of this session must carry.
    """

    session: str
    user: str
    name: str
    role: Role
    roles: tuple[Role, ...]
    organisation: str
    member: str
    language: str | None
    csrf: str


@dataclass(frozen=True)
class OpenSession:
    """One of one's own sessions."""

    session: str
    role: Role
    since: datetime
    seen: datetime
    current: bool


async def read_session(request: Request) -> SignedIn | None:
    """Whoever is signed in with this browser; None: nobody, or no longer."""
    secret = request.cookies.get(_cookie(request))
    if not secret:
        return None
    sessions = people_of(request).sessions
    standing = await sessions.find(session_id(secret))
    if standing is None:
        return None
    await sessions.note(standing)
    return _signed_in(standing, secret)


def access_token_for(request: Request, signed_in: SignedIn) -> str:
    """A token of this person and session, for the gateway's own doors, good for a minute: make one a request.

    It is bound to no key because it never leaves the process, and dies with the session.
    """
    issuer = cast("TokenIssuer", request.app.state.token_issuer)
    return issuer.issue_to_session(signed_in.session, signed_in.user)


async def begin_session(request: Request, response: Response, user: UserRow) -> SignedIn:
    """Give the browser a new session of somebody who was proven, in the first of their roles."""
    role = Role(user.roles[0])
    signed_in = await _start(request, response, user.id, role)
    await record(audit_log_of(request), _caller(signed_in), Step.SIGN_IN, user_subject(user.id))
    return signed_in


async def switch_role(request: Request, response: Response, signed_in: SignedIn, role: Role) -> SignedIn:
    """Go on in another role, in a new session.

    Raises:
        RoleRefusedError: it is none of this person's.
    """
    if role not in signed_in.roles:
        raise RoleRefusedError("not one of your roles")
    switched = await _start(request, response, signed_in.user, role, instead_of=signed_in.session)
    await record(audit_log_of(request), _caller(switched), Step.SWITCH_ROLE, user_subject(signed_in.user))
    return switched


async def sign_out(request: Request, response: Response, signed_in: SignedIn) -> None:
    """End this session and take its cookie back."""
    await end_session(request, signed_in, signed_in.session)
    response.delete_cookie(_cookie(request), path="/", secure=_secure(request), httponly=True, samesite="lax")


async def list_sessions(request: Request, signed_in: SignedIn) -> list[OpenSession]:
    """One's own sessions, the last used first."""
    return [
        OpenSession(row.id, Role(row.role), row.started_at, row.seen_at, row.id == signed_in.session)
        for row in await people_of(request).sessions.all_of(signed_in.user)
    ]


async def end_session(request: Request, signed_in: SignedIn, session: str) -> None:
    """End one of one's own sessions; nothing happens when there is none of that name."""
    if await people_of(request).sessions.end(signed_in.user, session):
        await record(audit_log_of(request), _caller(signed_in), Step.SIGN_OUT, user_subject(signed_in.user))


async def set_language(request: Request, signed_in: SignedIn, language: str | None) -> None:
    """Remember the language that somebody reads."""
    await people_of(request).users.speak(signed_in.user, language)


def require_csrf(signed_in: SignedIn, token: str | None) -> None:
    """Take a form of this session.

    Raises:
        CsrfRefusedError: it carries another token or none.
    """
    if not hmac.compare_digest(signed_in.csrf.encode(), (token or "").encode()):
        raise CsrfRefusedError("the form is not of this session; load the page again")


def require_own_origin(request: Request) -> None:
    """Take a form that is sent before anybody is signed in.

    Raises:
        CsrfRefusedError: the browser says that another site sent it, or does not say.
    """
    own = urlsplit(cast("Settings", request.app.state.settings).public_url)
    origin = request.headers.get("origin")
    if origin != f"{own.scheme}://{own.netloc}" and request.headers.get("sec-fetch-site") != "same-origin":
        raise CsrfRefusedError("the form was not sent by a page of this address")


def stranger(request: Request) -> Caller:
    """Somebody at the door who is not proven."""
    return Caller(client_id=CONSOLE, organisation="", member=cast("Settings", request.app.state.settings).member)


def audit_log_of(request: Request) -> AuditLog:
    """The application's log of accesses."""
    return cast("AuditLog", request.app.state.audit_log)


async def _start(
    request: Request, response: Response, user_id: str, role: Role, instead_of: str | None = None
) -> SignedIn:
    sessions = people_of(request).sessions
    secret = await sessions.start(user_id, role, instead_of)
    standing = await sessions.find(session_id(secret))
    if standing is None:
        raise RoleRefusedError("this person has just been cut off")
    response.set_cookie(
        _cookie(request), secret, max_age=int(LIFETIME.total_seconds()), path="/", secure=_secure(request),
        httponly=True, samesite="lax",
    )  # fmt: skip
    return _signed_in(standing, secret)


def _signed_in(standing: Standing, secret: str) -> SignedIn:
    user = standing.user
    return SignedIn(
        standing.session.id, user.id, user.name, Role(standing.session.role), standing.roles, user.organisation,
        user.member, user.language, hmac.new(secret.encode(), b"csrf", "sha256").hexdigest(),
    )  # fmt: skip


def _caller(signed_in: SignedIn) -> Caller:
    return Caller(
        client_id=CONSOLE,
        user=signed_in.user,
        organisation=signed_in.organisation,
        member=signed_in.member,
        role=signed_in.role,
    )


def _cookie(request: Request) -> str:
    return "__Host-lindung" if _secure(request) else "lindung"


def _secure(request: Request) -> bool:
    return cast("Settings", request.app.state.settings).public_url.startswith("https:")
