"""The door for other members: a signed question in, a signed answer out, and nothing for anybody else."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast
from urllib.parse import unquote

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.gateway.access.caps import CapExceededError, Caps
from services.gateway.access.policy import Action, CaseReferenceMissingError, Kind, NotAllowedError, Policy, Row
from services.gateway.access.policy_fields import sieve
from services.gateway.audit.entries import Outcome
from services.gateway.audit.log import AuditLog
from services.gateway.audit.shown import PARTY, Shown, shown_subjects
from services.gateway.deliveries.noting import note_parties, parties_in
from services.gateway.federation.membership import NotAMemberError
from services.gateway.federation.messages import (
    CASE,
    PURPOSE,
    USER,
    VERSION,
    MessageRefusedError,
    Question,
    Reply,
    verify_question,
)
from services.gateway.federation.peers import MOST_BYTES
from services.gateway.federation.receipts import use_nonce
from services.gateway.federation.room import Federation
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.problem import Problem
from shared.contracts.screening import MatchRequest, MatchResponse
from shared.db.database import Database, now
from shared.http.client import ServiceClient, ServiceUnavailableError
from shared.settings import Settings

Handle = Callable[[Request, Question, Caller, int], Awaitable[tuple[int, Any]]]

_SHOWS: Final = (Shown(("responses", "*", "results", "*", "id"), PARTY),)

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/federation/v1", tags=["federation"])


class NotInFederationError(Exception):
    """This node takes part in no federation."""


class VersionNotSpokenError(Exception):
    """The other side speaks no version of the protocol that this node speaks."""


class MemberRefusedError(Exception):
    """What another member asked is refused; each kind says with which status and words."""

    status = 400
    slug = "refused"
    title = "This cannot be answered"


class MessageTooLargeError(MemberRefusedError):
    """A message is larger than the protocol allows."""

    status, slug, title = 413, "too-large", "The message is too large"


_ANSWERS: Final[dict[type[Exception], tuple[int, str, str]]] = {
    MessageRefusedError: (401, "message-refused", "The message is not believed"),
    NotAMemberError: (403, "not-agreed", "The directory does not allow this"),
    NotAllowedError: (403, "not-allowed", "The policy does not allow this"),
    CaseReferenceMissingError: (400, "case-missing", "This purpose needs a case reference"),
    CapExceededError: (429, "cap-exceeded", "That is as much as may be asked for"),
    VersionNotSpokenError: (400, "version", "No common version of the protocol"),
    ValidationError: (422, "invalid", "The message cannot be read"),
    ServiceUnavailableError: (503, "service-away", "A service behind the gateway does not answer"),
}


_ANSWERED: Final[tuple[type[Exception], ...]] = (MemberRefusedError, *_ANSWERS)


@router.post("/match", summary="Screen, for another member", operation_id="federatedMatch", include_in_schema=True)
async def match(request: Request) -> Response:
    """A MatchRequest, signed; version 2 answers with the instant of the answer, version 1 without."""
    return await answer_member(request, Kind.PARTY, Action.SCREEN, _match)


async def answer_member(
    request: Request, kind: Kind, action: Action, handle: Handle, among_all: Purpose | None = None
) -> Response:
    """Prove who asks and why, let the policy decide, answer, sign, and keep the evidence.

    Args:
        request: of another member.
        kind, action: what it is about, for the policy.
        handle: makes status and document of the answer.
        among_all: the purpose of what belongs to membership itself: every member may come with it, no agreement on
            purposes is asked for.
    """
    federation = cast("Federation | None", request.app.state.federation)
    if federation is None:
        raise NotInFederationError("this node has joined no federation")
    question = await _question(request, federation)
    member, version = "", federation.versions[-1]
    try:
        caller = await _prove(request, federation, question, among_all)
        member, version = caller.member, _version(question, federation.versions)
        await _admit(request, caller, kind, action, question)
        status, document = await handle(request, question, caller, version)
    except _ANSWERED as error:
        status, document = _refusal(error)
        log.warning("federation_refused", member=member, code=document["type"], reason=getattr(error, "reason", None))
    reply = Reply(status, _headers(status, version), json.dumps(document).encode(), question)
    federation.signer.sign_reply(reply, now())
    if member:
        await federation.receipts.keep("answered", member, reply)
    return Response(reply.body, status, reply.headers)


async def _question(request: Request, federation: Federation) -> Question:
    """The request with the address that the directory has for this node, whatever a proxy made of it."""
    path = request.scope["raw_path"].decode("ascii", "replace")
    query = request.scope["query_string"].decode("ascii", "replace")
    url = federation.address + path + (f"?{query}" if query else "")
    headers: dict[str, str] = {}
    for name, value in request.headers.items():  # a field that comes twice is one list (RFC 9110, section 5.3)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Question(request.method, url, headers, await request.body())


async def _prove(request: Request, federation: Federation, question: Question, among_all: Purpose | None) -> Caller:
    if len(question.body) > MOST_BYTES:
        raise MessageTooLargeError(f"a message has at most {MOST_BYTES} octets")
    proven = verify_question(question, federation.membership.keys(), now())
    code = proven.key_id.split("/")[0]
    entry = federation.membership.member(code)
    purpose = question.headers[PURPOSE]
    if purpose not in set(Purpose):
        raise NotAMemberError("purpose", "no purpose of the closed list")
    if purpose != among_all:
        federation.membership.may_ask(code, federation.membership.own, Purpose(purpose))
    await use_nonce(cast("Database", request.app.state.database), code, proven)
    return Caller(
        client_id=f"{code}:{unquote(question.headers[USER])}"[:64],
        organisation=entry.name,
        member=code,
        role=Role.PARTNER_MEMBER,
        purpose=Purpose(purpose),
        case_reference=unquote(question.headers[CASE])[:100] or None,
    )


async def _admit(request: Request, caller: Caller, kind: Kind, action: Action, question: Question) -> None:
    policy, audit = cast("Policy", request.app.state.policy), cast("AuditLog", request.app.state.audit_log)
    subject = question.url.encode() + b"\n" + question.body
    if caller.role is None or caller.purpose is None:
        raise NotAMemberError("purpose", "no purpose")
    try:
        policy.admit(Row(caller.role, caller.purpose, kind, action), caller.case_reference)
        await cast("Caps", request.app.state.caps).take(caller, kind, action)
    except (NotAllowedError, CaseReferenceMissingError, CapExceededError):
        await audit.append(caller, kind.value, action.value, subject, Outcome.REFUSED)
        raise
    await audit.append(caller, kind.value, action.value, subject)


async def _match(request: Request, question: Question, caller: Caller, version: int) -> tuple[int, Any]:
    MatchRequest.model_validate_json(question.body)
    registry, asked_at = cast("ServiceClient", request.app.state.registry), now()
    answer = await registry.request(
        caller, "POST", "/match/default", content=question.body, params=list(request.query_params.multi_items()),
        headers={"content-type": "application/json"},
    )  # fmt: skip
    seen = cast("Policy", request.app.state.policy).seen(caller, Kind.PARTY)
    if answer.status_code != 200:
        return answer.status_code, sieve(Problem, seen)(answer.json())
    document = sieve(MatchResponse, seen)(answer.json())
    audit = cast("AuditLog", request.app.state.audit_log)
    subjects = shown_subjects(_SHOWS, answer.content)
    cast("Caps", request.app.state.caps).show(caller, len(subjects))
    await audit.append(caller, Kind.PARTY.value, Action.SCREEN.value, subjects, Outcome.SHOWN)
    member = cast("Settings", request.app.state.settings).member
    await note_parties(request, caller, {member: parties_in(document)}, asked_at)
    if version == 1:
        return 200, document
    return 200, {"version": 2, "member": member, "as_of": now().isoformat(), "answer": document}


def _version(question: Question, spoken: tuple[int, ...]) -> int:
    """The newest version that both sides speak."""
    offered = {part.strip() for part in question.headers[VERSION].split(",")}
    for version in spoken:
        if str(version) in offered:
            return version
    raise VersionNotSpokenError(f"this node speaks {', '.join(map(str, spoken))}")


def _headers(status: int, version: int) -> dict[str, str]:
    kind = "application/json" if status < 400 else "application/problem+json"
    return {"content-type": kind, VERSION: str(version), "cache-control": "no-store"}


def _refusal(error: Exception) -> tuple[int, dict[str, Any]]:
    if isinstance(error, MemberRefusedError):
        status, slug, title = error.status, error.slug, error.title
    else:
        status, slug, title = next(_ANSWERS[kind] for kind in type(error).__mro__ if kind in _ANSWERS)
    detail = None if isinstance(error, ValidationError) else str(error)
    problem = Problem(type=f"urn:lindung:problem:{slug}", title=title, status=status, detail=detail)
    return status, problem.model_dump(mode="json", exclude_none=True)
