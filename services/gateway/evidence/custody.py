"""Who had a record, when and why, out of the transparency log; and what was exchanged about it with other members."""

import base64
from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy import select

from services.gateway.audit.entries import as_document
from services.gateway.audit.heads import TreeHead
from services.gateway.audit.nodes import compute
from services.gateway.audit.subjects import SubjectDigests
from services.gateway.tables import AuditRow, ReceiptRow
from shared.contracts.audit import AuditEntry, Head, Inclusion
from shared.contracts.evidence import CustodyLog, EvidenceKind, ExchangeReceipt, ExchangeReceipts
from shared.db.database import Database
from shared.standards.merkle import inclusion_path

ADDRESSES: Final = {
    EvidenceKind.CASE: ("/v1/cases/{}", "/v1/cases/{}/corrections", "/v1/cases/{}/history"),
    EvidenceKind.REFERRAL: (
        "/v1/referrals/{}", "/v1/referrals/{}/moves", "/v1/referrals/{}/answer", "/v1/referrals/{}/revoke",
    ),
}  # fmt: skip
"""Under which addresses the log has accesses to a record: the first is the record's own."""


async def custody_of(
    database: Database, digests: SubjectDigests, kind: EvidenceKind, subject: str, member: str, head: TreeHead
) -> CustodyLog:
    """Every access that the log has under a head, with its proof."""
    async with database.write() as session:  # SubjectDigests reads; one view of the log for all proofs
        found = [await digests.find(session, each.format(subject).encode()) for each in ADDRESSES[kind]]
        known = [each for each in found if each is not None]
        query = select(AuditRow).where(AuditRow.subject_digest.in_(known), AuditRow.number <= head.size)
        rows = (await session.scalars(query.order_by(AuditRow.number))).all()
        proofs = []
        for row in rows:
            path = await compute(session, partial(inclusion_path, row.number - 1, head.size))
            proofs.append(_inclusion(row, head.size, path))
    told = Head(
        member=member, size=head.size, at=head.at, root=base64.b64encode(head.root), key_id=head.key_id,
        signature=base64.b64encode(head.signature),
    )  # fmt: skip
    return CustodyLog(head=told, entries=proofs)


async def receipts_of(database: Database, referral: str) -> ExchangeReceipts:
    """The exchanges with other members that named a referral in their address."""
    query = select(ReceiptRow).where(ReceiptRow.url.endswith(f"?id={referral}", autoescape=True))
    async with database.read() as session:
        rows = (await session.scalars(query.order_by(ReceiptRow.at, ReceiptRow.id))).all()
    names = ExchangeReceipt.model_fields
    return ExchangeReceipts(items=[ExchangeReceipt(**{name: getattr(row, name) for name in names}) for row in rows])


def _inclusion(row: AuditRow, size: int, path: Sequence[bytes]) -> Inclusion:
    return Inclusion(
        entry=AuditEntry(**as_document(row)),
        leaf=base64.b64encode(row.leaf),
        size=size,
        path=[base64.b64encode(each) for each in path],
    )
