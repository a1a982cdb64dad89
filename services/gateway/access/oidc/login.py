"""The two ways of a browser through another provider: out with a question, back with a code.

What belongs to an attempt (state, nonce, verifier) travels in a sealed cookie of ten minutes; an attempt ends once.
"""

import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from services.gateway.access.clients import AssertionReusedError, Clients
from services.gateway.access.oidc.mapping import ClaimMapping, NotMappedError, external_id, load_mapping
from services.gateway.access.oidc.provider import Provider, ProviderRefusedError, Registration
from services.gateway.access.people.room import people_of
from services.gateway.access.people.users import UserUnknownError
from services.gateway.access.recording import Step, record, user_subject
from services.gateway.access.sessions import audit_log_of, begin_session, stranger
from services.gateway.audit.entries import Outcome
from shared.crypto.sealing import SealingError
from shared.db.database import Database
from shared.settings import Settings

CALLBACK: Final = "/login/oidc/callback"
HOME: Final = "/console"
REFUSED: Final = "/login?refused=provider"
_LIFETIME_S: Final = 600
_OWNER: Final = "oidc login"
_LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~]{0,500}")
"""An address of our own: one slash, then anything printable but a backslash."""

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)


class LoginRefusedError(Exception):
    """This attempt to sign in does not end well; `reason` is one word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def open_provider(settings: Settings, private_pem: bytes) -> tuple[Provider, ClaimMapping] | None:
    """The provider that the settings name, with what its claims mean.

    Raises:
        MappingInvalidError: there is no mapping that can be read.
        ProviderRefusedError: its address has no TLS.
        OSError: the secret cannot be read.
    """
    if settings.oidc_issuer is None:
        return None
    secret = settings.oidc_secret_file.read_text().strip() if settings.oidc_secret_file else None
    back = settings.public_url.rstrip("/") + CALLBACK
    own = Registration(settings.oidc_issuer, settings.oidc_client_id, secret, private_pem, back)
    return Provider(own), load_mapping(settings.oidc_mapping)


@router.get("/login/oidc")
async def go_out(request: Request) -> RedirectResponse:
    """Send the browser to the provider."""
    provider, _ = _provider(request)
    wish = request.query_params.get("next", HOME)
    attempt = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt["verifier"].encode()).digest()).decode().rstrip("=")
    try:
        address = await provider.authorization_url(attempt["state"], attempt["nonce"], challenge)
    except ProviderRefusedError as error:
        return _refused(request, error.reason)
    content = {**attempt, "next": wish if _LOCAL.fullmatch(wish) else HOME, "until": int(time.time()) + _LIFETIME_S}
    answer = RedirectResponse(address, 303)
    sealed = base64.urlsafe_b64encode(people_of(request).seal.seal(json.dumps(content).encode(), _OWNER)).decode()
    answer.set_cookie(
        _cookie(request), sealed, max_age=_LIFETIME_S, path="/", secure=_secure(request), httponly=True, samesite="lax"
    )
    return answer


@router.get(CALLBACK)
async def come_back(request: Request) -> RedirectResponse:
    """Take the browser back from the provider, and sign in whom it proved, if they have a role here."""
    provider, mapping = _provider(request)
    try:
        attempt = await _attempt(request)
        code = await _code(request, provider)
        claims = await provider.prove(code, attempt["verifier"], attempt["nonce"], mapping.claims)
        return await _sign_in(request, mapping, claims, attempt["next"])
    except (LoginRefusedError, ProviderRefusedError) as error:
        return _refused(request, error.reason)


async def _attempt(request: Request) -> dict[str, Any]:
    """What this browser went out with; good once."""
    try:
        sealed = base64.urlsafe_b64decode(request.cookies.get(_cookie(request), "").encode())
        attempt: dict[str, Any] = json.loads(people_of(request).seal.open(sealed, _OWNER))
    except (SealingError, ValueError) as error:
        raise LoginRefusedError("no_attempt") from error
    state = request.query_params.get("state", "")
    if not secrets.compare_digest(attempt["state"].encode(), state.encode()) or attempt["until"] < time.time():
        raise LoginRefusedError("state")
    try:
        until = datetime.fromtimestamp(attempt["until"], UTC)
        clients = Clients(cast("Database", request.app.state.database))
        await clients.use_assertion(_OWNER, attempt["state"], until)
    except AssertionReusedError as error:
        raise LoginRefusedError("used") from error
    return attempt


async def _code(request: Request, provider: Provider) -> str:
    """The code, of the provider that was asked (RFC 9207, section 2.4)."""
    told, metadata = request.query_params, await provider.metadata()
    if told.get("iss", None if metadata.tells_issuer else provider.registration.issuer) != provider.registration.issuer:
        raise LoginRefusedError("iss")
    if "error" in told or not told.get("code"):
        raise LoginRefusedError("denied")
    return told["code"]


async def _sign_in(
    request: Request, mapping: ClaimMapping, claims: Mapping[str, Any], where_to: str
) -> RedirectResponse:
    users, answer = people_of(request).users, RedirectResponse(where_to, 303)
    try:
        person = mapping.person(claims)
        user = await users.admit(person)
    except (NotMappedError, UserUnknownError) as error:
        subject = user_subject(external_id(str(claims["iss"]), str(claims["sub"])))
        await record(audit_log_of(request), stranger(request), Step.SIGN_IN, subject, Outcome.REFUSED)
        raise LoginRefusedError("not_mapped" if isinstance(error, NotMappedError) else "cut_off") from error
    await begin_session(request, answer, user)
    answer.delete_cookie(_cookie(request), path="/", secure=_secure(request), httponly=True, samesite="lax")
    return answer


def _refused(request: Request, reason: str) -> RedirectResponse:
    log.warning("oidc_login_refused", reason=reason)
    answer = RedirectResponse(REFUSED, 303)
    answer.delete_cookie(_cookie(request), path="/", secure=_secure(request), httponly=True, samesite="lax")
    return answer


def _provider(request: Request) -> tuple[Provider, ClaimMapping]:
    found = cast("tuple[Provider, ClaimMapping] | None", request.app.state.oidc)
    if found is None:
        raise HTTPException(404)
    return found


def _cookie(request: Request) -> str:
    return "__Host-lindung-login" if _secure(request) else "lindung-login"


def _secure(request: Request) -> bool:
    return cast("Settings", request.app.state.settings).public_url.startswith("https:")
