"""Every request gets a caller, a purpose and, where it needs one, a case; or it gets no further."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, cast

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.gateway.access.policy import Action, CaseReferenceMissingError, Kind, NotAllowedError, Policy, Row
from services.gateway.access.tokens import AccessTokenError, TokenIssuer, token_issuer
from services.gateway.audit.entries import Outcome
from services.gateway.audit.log import AuditLog
from shared.contracts.caller import Caller, Purpose

PURPOSE_HEADER: Final = "Lindung-Purpose"
CASE_HEADER: Final = "Lindung-Case"
_RECORDS: Final = frozenset({"id", "registration", "personId", "personIdTarget"})
"""Path parameters that name one record."""
_CASE: Final = re.compile(r"^[\w./ -]{1,100}$")

_bearer = HTTPBearer(auto_error=False, scheme_name="AccessToken", bearerFormat="JWT")


class PurposeMissingError(Exception):
    """The request names no purpose, or one that is not on the closed list."""


class CaseReferenceInvalidError(Exception):
    """The case reference has characters or a length that no register uses."""


async def read_client_caller(
    issuer: Annotated[TokenIssuer, Depends(token_issuer)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    purpose: Annotated[str | None, Header(alias=PURPOSE_HEADER, description="Why: one of the closed list")] = None,
    case: Annotated[str | None, Header(alias=CASE_HEADER, description="The case, where the purpose needs one")] = None,
) -> Caller:
    """Who asks and why, not yet whether they may."""
    if credentials is None:
        raise AccessTokenError("send an access token: Authorization: Bearer …")
    client = await issuer.read(credentials.credentials)
    if case is not None and not _CASE.match(case):
        raise CaseReferenceInvalidError(f"{CASE_HEADER}: letters, digits and . / - _ only, at most 100")
    if purpose not in set(Purpose):
        known = ", ".join(Purpose)
        raise PurposeMissingError(f"send the header {PURPOSE_HEADER} with one of: {known}")
    return Caller(
        client_id=client.client_id,
        organisation=client.organisation,
        member=client.member,
        role=client.role,
        purpose=Purpose(purpose),
        case_reference=case,
    )


def admit(kind: Kind, action: Action) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets a request through when the policy allows it, and writes either to the log first."""

    async def check(request: Request, caller: Annotated[Caller, Depends(read_client_caller)]) -> Caller:
        if caller.role is None or caller.purpose is None:
            raise PurposeMissingError("a role and a purpose are needed")
        policy = cast("Policy", request.app.state.policy)
        log = cast("AuditLog", request.app.state.audit_log)
        subject = await _subject(request)
        try:
            policy.admit(Row(caller.role, caller.purpose, kind, action), caller.case_reference)
        except (NotAllowedError, CaseReferenceMissingError):
            await log.append(caller, kind.value, action.value, subject, Outcome.REFUSED)
            raise
        await log.append(caller, kind.value, action.value, subject)
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
