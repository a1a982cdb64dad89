"""The log's doors: its head for every caller, its entries and proofs for auditors."""

import base64
from datetime import datetime
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import select

from services.gateway.access.admission import admit
from services.gateway.access.policy import Action, Kind
from services.gateway.audit.entries import as_document
from services.gateway.audit.heads import HeadSigner
from services.gateway.audit.nodes import compute, log_size
from services.gateway.passage import shown_model
from services.gateway.tables import AuditRow
from shared.contracts.audit import AuditEntry, AuditPage, Consistency, Head, Inclusion
from shared.contracts.caller import Caller
from shared.http.state import DatabaseDep
from shared.settings import Settings
from shared.standards.merkle import ProofError, consistency_path, inclusion_path

MOST_ENTRIES: Final = 1000
AuditorDep = Annotated[Caller, Depends(admit(Kind.AUDIT, Action.READ))]

router = APIRouter(prefix="/v1/log", tags=["audit"])


class EntryNotFoundError(Exception):
    """The log has no entry of this number."""


@router.get("/head", summary="The log's signed head, now", operation_id="readLogHead", response_model=Head)
async def read_head(request: Request, auditor: AuditorDep) -> Response:
    """A new head is signed when the log has grown."""
    signer = cast("HeadSigner", request.app.state.head_signer)
    head = await signer.sign()
    member = cast("Settings", request.app.state.settings).member
    told = Head(
        member=member, size=head.size, at=head.at, root=_text(head.root), key_id=head.key_id,
        signature=_text(head.signature),
    )  # fmt: skip
    return shown_model(request, auditor, Kind.AUDIT, told)


@router.get("/entries", summary="Entries in order", operation_id="listLogEntries", response_model=AuditPage)
async def list_entries(
    request: Request,
    database: DatabaseDep,
    auditor: AuditorDep,
    start: Annotated[int, Query(ge=1, le=2**62, description="The first number")] = 1,
    limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 100,
    client_id: Annotated[str | None, Query(max_length=64)] = None,
    subject_digest: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")] = None,
    since: Annotated[datetime | None, Query(description="At or after this instant, with its zone")] = None,
) -> Response:
    """A page, filtered by client, by subject and by time."""
    chosen = select(AuditRow).where(AuditRow.number >= start).order_by(AuditRow.number).limit(limit + 1)
    if client_id is not None:
        chosen = chosen.where(AuditRow.client_id == client_id)
    if subject_digest is not None:
        chosen = chosen.where(AuditRow.subject_digest == subject_digest)
    if since is not None:
        chosen = chosen.where(AuditRow.at >= since.astimezone())
    async with database.read() as session:
        rows = (await session.execute(chosen)).scalars().all()
    following = rows[limit].number if len(rows) > limit else None
    page = AuditPage(entries=[AuditEntry(**as_document(row)) for row in rows[:limit]], next=following)
    return shown_model(request, auditor, Kind.AUDIT, page)


@router.get(
    "/inclusion",
    summary="The proof that an entry is in the log",
    operation_id="proveInclusion",
    response_model=Inclusion,
)
async def prove_inclusion(
    request: Request,
    database: DatabaseDep,
    auditor: AuditorDep,
    number: Annotated[int, Query(ge=1, le=2**62)],
    size: Annotated[int | None, Query(ge=1, le=2**62, description="Of the head; none: the log as it is now")] = None,
) -> Response:
    """Anybody with the head of that size can check it, by RFC 9162, section 2.1.3.2."""
    async with database.read() as session:
        size = await _size(session, size)
        row = await session.get(AuditRow, number)
        if row is None or number > size:
            raise EntryNotFoundError("the log of that size has no entry of this number")
        path = await compute(session, lambda lookup: inclusion_path(number - 1, size, lookup))
    entry = AuditEntry(**as_document(row))
    proof = Inclusion(entry=entry, leaf=_text(row.leaf), size=size, path=[_text(each) for each in path])
    return shown_model(request, auditor, Kind.AUDIT, proof)


@router.get(
    "/consistency",
    summary="The proof that the log only grew",
    operation_id="proveConsistency",
    response_model=Consistency,
)
async def prove_consistency(
    request: Request,
    database: DatabaseDep,
    auditor: AuditorDep,
    first: Annotated[int, Query(ge=1, le=2**62, description="Size of the earlier head")],
    second: Annotated[int | None, Query(ge=1, le=2**62, description="Of the later; none: the log as it is now")] = None,
) -> Response:
    """Anybody with both heads can check it, by RFC 9162, section 2.1.4.2."""
    async with database.read() as session:
        second = await _size(session, second)
        if first > second:
            raise ProofError("the earlier head has no more entries than the later")
        path = await compute(session, lambda lookup: consistency_path(first, second, lookup))
    proof = Consistency(first=first, second=second, path=[_text(each) for each in path])
    return shown_model(request, auditor, Kind.AUDIT, proof)


async def _size(session: Any, asked: int | None) -> int:
    size = await log_size(session)
    if asked is not None and asked > size:
        raise ProofError("the log has not grown to that size")
    return size if asked is None else asked


def _text(octets: bytes) -> bytes:
    return base64.b64encode(octets)
