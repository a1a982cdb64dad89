"""Every request gets a caller, a purpose and, where it needs one, a case; or it gets no further."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, cast

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.gateway.access.binding import presented
from services.gateway.access.caps import CapExceededError, Caps
from services.gateway.access.caps_fields import tell_left
from services.gateway.access.policy import Action, CaseReferenceMissingError, Kind, NotAllowedError, Policy, Row
from services.gateway.access.policy_gate import owe_fields
from services.gateway.access.tokens import TokenIssuer, token_issuer
from services.gateway.audit.entries import Outcome
from services.gateway.audit.log import AuditLog
from shared.contracts.caller import Caller, Purpose

PURPOSE_HEADER: Final = "Lindung-Purpose"
CASE_HEADER: Final = "Lindung-Case"
_RECORDS: Final = frozenset({"id", "registration", "personId", "personIdTarget"})
"""Path parameters that name one record."""
_CASE: Final = re.compile(r"^[\w./ -]{1,100}$")

_scheme = HTTPBearer(
    auto_error=False,
    scheme_name="AccessToken",
    bearerFormat="JWT",
    description="A token of POST /oauth/token: with the scheme DPoP and a proof in the field DPoP (RFC 9449), or as a "
    "bearer token where it is bound to a certificate (RFC 8705) or its client is registered as unbound.",
)
"""For the API's description; what a request brings, `presented` reads."""


class PurposeMissingError(Exception):
    """The request names no purpose, or one that is not on the closed list."""


class CaseReferenceInvalidError(Exception):
    """The case reference has characters or a length that no register uses."""


async def read_client_caller(
    request: Request,
    issuer: Annotated[TokenIssuer, Depends(token_issuer)],
    _credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)],
    purpose: Annotated[str | None, Header(alias=PURPOSE_HEADER, description="Why: one of the closed list")] = None,
    case: Annotated[str | None, Header(alias=CASE_HEADER, description="The case, where the purpose needs one")] = None,
) -> Caller:
    """Who asks and why, not yet whether they may."""
    caller = await issuer.read(presented(request, issuer.issuer))
    if case is not None and not _CASE.match(case):
        raise CaseReferenceInvalidError(f"{CASE_HEADER}: letters, digits and . / - _ only, at most 100")
    if purpose not in set(Purpose):
        known = ", ".join(Purpose)
        raise PurposeMissingError(f"send the header {PURPOSE_HEADER} with one of: {known}")
    return caller.model_copy(update={"purpose": Purpose(purpose), "case_reference": case})


def admit(kind: Kind, action: Action) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets a request through when policy and caps allow it, and writes either to the log first."""

    async def check(request: Request, caller: Annotated[Caller, Depends(read_client_caller)]) -> Caller:
        if caller.role is None or caller.purpose is None:
            raise PurposeMissingError("a role and a purpose are needed")
        policy = cast("Policy", request.app.state.policy)
        log = cast("AuditLog", request.app.state.audit_log)
        subject = await _subject(request)
        try:
            policy.admit(Row(caller.role, caller.purpose, kind, action), caller.case_reference)
            tell_left(request.scope, await cast("Caps", request.app.state.caps).take(caller, kind, action))
        except (NotAllowedError, CaseReferenceMissingError, CapExceededError) as error:
            if isinstance(error, CapExceededError):
                tell_left(request.scope, error.left)
            await log.append(caller, kind.value, action.value, subject, Outcome.REFUSED)
            raise
        await log.append(caller, kind.value, action.value, subject)
        owe_fields(request.scope, policy.seen(caller, kind))
        return caller

    return check


async def _subject(request: Request) -> bytes:
    """What the request is about: the record's path; else the path, the words of a search, what the body asks.

    One record has one subject, however its address is written: the path is taken decoded, a record's query is not.
    """
    path: bytes = request.scope["path"].encode()
    if _RECORDS & request.path_params.keys():
        return path
    query: bytes = request.scope["query_string"]
    asked = b"\n" + await request.body() if request.method in {"POST", "DELETE"} else b""
    return path + (b"?" + query if query else b"") + asked
