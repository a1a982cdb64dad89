"""The content behind a hit: asked for in a numbered case, decided by the holder's human or by a standing agreement."""

import json
import secrets
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.access.admission import admit
from services.gateway.access.policy import Action, CaseReferenceMissingError, Kind
from services.gateway.audit.entries import Outcome as Logged
from services.gateway.audit.log import AuditLog
from services.gateway.audit.shown import REGISTRATION
from services.gateway.federation.inbound import MemberRefusedError, answer_member
from services.gateway.federation.membership import Membership, NotAMemberError
from services.gateway.federation.messages import Question
from services.gateway.federation.room import Federation
from services.gateway.passage import shown_model
from services.gateway.probes.seals import seal_to
from services.gateway.probes.tables import ContentRequestRow, HitRow
from shared.contracts.caller import Caller
from shared.contracts.region import (
    ContentDecision,
    ContentQuestion,
    ContentReply,
    ContentRequest,
    ContentRequests,
    ContentRequestState,
    HeldRecords,
    ScoreBand,
)
from shared.db.database import Database, now
from shared.http.client import ServiceClient

STANDING: Final = "standing agreement"
NOTHING_TO_GIVE: Final = "no content is given"
_MOST: Final = 500
DeciderDep = Annotated[Caller, Depends(admit(Kind.CONTENT, Action.WRITE))]
QueueDep = Annotated[Caller, Depends(admit(Kind.CONTENT, Action.LIST))]

router = APIRouter(tags=["region"])


class ContentRequestNotFoundError(Exception):
    """There is no such request for content, or it was decided already."""


class NoSuchReferenceError(MemberRefusedError):
    """The reference was not given to this member, or has expired."""

    status, slug, title = 404, "not-found", "There is no such reference"


@router.post("/federation/v1/content", summary="The content behind a hit", operation_id="federatedContent")
async def content(request: Request) -> Response:
    """A ContentQuestion, signed, in a numbered case; the content is sealed to the asking member."""
    return await answer_member(request, Kind.CONTENT, Action.READ, _content)


@router.get(
    "/v1/region/requests",
    summary="Requests of other members for content",
    operation_id="listContentRequests",
    response_model=ContentRequests,
)
async def list_requests(
    request: Request, caller: QueueDep, state: ContentRequestState = ContentRequestState.WAITING
) -> Response:
    """Oldest first."""
    query = select(ContentRequestRow, HitRow.band).outerjoin(HitRow, HitRow.reference == ContentRequestRow.reference)
    query = query.where(ContentRequestRow.state == state).order_by(ContentRequestRow.asked_at).limit(_MOST)
    async with cast("Database", request.app.state.database).read() as session:
        rows = (await session.execute(query)).all()
    page = ContentRequests(results=[_told(row, band) for row, band in rows])
    return shown_model(request, caller, Kind.CONTENT, page)


@router.post(
    "/v1/region/requests/{id}/decision",
    summary="Approve or decline a request",
    operation_id="decideContentRequest",
    response_model=ContentRequest,
)
async def decide(request: Request, id: str, body: ContentDecision, caller: DeciderDep) -> Response:
    """With a reason; once. The asking member hears it when it asks again."""
    async with cast("Database", request.app.state.database).write() as session:
        row = await session.get(ContentRequestRow, id, with_for_update=True) if len(id) == 32 else None
        if row is None or row.state != ContentRequestState.WAITING:
            raise ContentRequestNotFoundError("no request of this id is waiting")
        _settle(row, caller.person, body.reason, approve=body.approve)
        hit = await session.get(HitRow, row.reference)
    return shown_model(request, caller, Kind.CONTENT, _told(row, hit.band if hit else None))


async def _content(request: Request, question: Question, caller: Caller, _version: int) -> tuple[int, Any]:
    asked = ContentQuestion.model_validate_json(question.body)
    if not caller.case_reference:
        raise CaseReferenceMissingError("content is given in a numbered case only")
    federation = cast("Federation", request.app.state.federation)
    async with cast("Database", request.app.state.database).write() as session:
        hit = await _hit(session, asked.reference, caller.member)
        row = await _request_for(session, asked, caller, federation.membership)
        persons = list(hit.persons)
    reply = ContentReply(
        member=federation.membership.own, state=ContentRequestState(row.state), reason=_reason(row),
        by=None if row.decided_by is None else "standing_agreement" if row.decided_by == STANDING else "human",
    )  # fmt: skip
    if reply.state is ContentRequestState.APPROVED:
        reply = await _with_content(request, caller, reply, asked.reference, persons)
    return 200, json.loads(reply.model_dump_json())


async def _hit(session: AsyncSession, reference: str, member: str) -> HitRow:
    hit = await session.get(HitRow, reference)
    if hit is None or hit.member != member or hit.expires_at < now():
        raise NoSuchReferenceError("no such reference was given to this member")
    return hit


async def _request_for(
    session: AsyncSession, asked: ContentQuestion, caller: Caller, membership: Membership
) -> ContentRequestRow:
    """The request of this reference: the one that waits or was decided, or a new one."""
    query = select(ContentRequestRow).where(ContentRequestRow.reference == asked.reference).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        row = ContentRequestRow(
            id=secrets.token_hex(16), reference=asked.reference, member=caller.member, user=caller.client_id,
            purpose=str(caller.purpose), case_reference=caller.case_reference, legal_basis=asked.legal_basis,
            state=ContentRequestState.WAITING, asked_at=now(),
        )  # fmt: skip
        if agreement := _standing(membership, caller):
            _settle(row, STANDING, agreement, approve=True)
        session.add(row)
    return row


def _standing(membership: Membership, caller: Caller) -> str | None:
    """The agreement by which a member may have content for a purpose without being asked about each time."""
    try:
        own = membership.member(membership.own)
    except NotAMemberError:
        return None
    fitting = (each for each in own.standing if each.member == caller.member and caller.purpose in each.purposes)
    return next((each.agreement for each in fitting), None)


async def _with_content(
    request: Request, caller: Caller, reply: ContentReply, reference: str, persons: list[str]
) -> ContentReply:
    registry = cast("ServiceClient", request.app.state.registry)
    answer = await registry.request(caller, "POST", "/v1/region/records", json={"persons": persons})
    records = HeldRecords.model_validate_json(answer.raise_for_status().content).records
    if not records:  # kept back, withdrawn, never registered: one answer for all
        return ContentReply(member=reply.member, state=ContentRequestState.DECLINED, reason=NOTHING_TO_GIVE)
    subjects = [REGISTRATION.format(record.registration).encode() for record in records]
    log = cast("AuditLog", request.app.state.audit_log)
    await log.append(caller, Kind.CONTENT.value, Action.READ.value, subjects, Logged.SHOWN)
    entry = cast("Federation", request.app.state.federation).membership.member(caller.member)
    plain = HeldRecords(records=records).model_dump_json().encode()
    return reply.model_copy(update={"sealed": seal_to(entry, reply.member, f"content/{reference}", plain)})


def _settle(row: ContentRequestRow, by: str, reason: str, *, approve: bool) -> None:
    row.state = ContentRequestState.APPROVED if approve else ContentRequestState.DECLINED
    row.decided_by, row.decided_at, row.reason = by[:64], now(), reason


def _reason(row: ContentRequestRow) -> str | None:
    """What the asking member is told: why it was declined; on what it rests when it was approved is the holder's."""
    return row.reason if row.state == ContentRequestState.DECLINED else None


def _told(row: ContentRequestRow, band: str | None) -> ContentRequest:
    known = {name: getattr(row, name) for name in ContentRequest.model_fields if name != "band"}
    return ContentRequest.model_validate(known | {"band": None if band is None else ScoreBand(band)})
