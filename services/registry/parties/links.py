"""Who owns, directs or represents whom, or is whose principal: links in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import Recorder, RecordKind
from services.registry.parties.store import party_seqs
from services.registry.parties.tables import LinkRow
from services.registry.tables import chunked
from shared.contracts.parties import LinkBody, LinkKind, LinkRecord


async def put_link(recorder: Recorder, link_id: str, body: LinkBody) -> tuple[LinkRecord, bool]:
    """Create or replace a link; told the same again, nothing is changed.

    Returns:
        The link, and whether it is new.

    Raises:
        UnknownPartyError: one of its ends is not in the register.
        NotOwnRecordError: another member recorded it.
    """
    session = recorder.session
    query = select(LinkRow).where(LinkRow.id == link_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    from_seq, to_seq = await party_seqs(session, body.from_, body.to)
    if row is None:
        row = LinkRow(id=link_id, member=recorder.member, version=0)
        session.add(row)
    else:
        recorder.require_own(row.member)
        if (row.from_seq, row.to_seq, row.kind, row.since, row.until) == (
            *(from_seq, to_seq, body.kind, body.since),
            body.until,
        ):
            return _link_record(row, body), False
    row.from_seq, row.to_seq, row.kind, row.since, row.until = from_seq, to_seq, body.kind, body.since, body.until
    row.version += 1
    recorder.keep(RecordKind.LINK, link_id, row.version, body.model_dump(mode="json", by_alias=True))
    return _link_record(row, body), row.version == 1


def _link_record(row: LinkRow, body: LinkBody) -> LinkRecord:
    return LinkRecord.model_validate(
        {**body.model_dump(by_alias=True), "id": row.id, "member": row.member, "version": row.version}
    )


@dataclass(frozen=True)
class LinkEnd:
    """A link seen from one of its ends.

    Attributes:
        seq: the party it is seen from.
        other: the party at the other end.
        outgoing: this party is the KIND of the other; else the other way round.
    """

    seq: int
    other: int
    kind: LinkKind
    outgoing: bool


async def links_on(session: AsyncSession, seqs: Collection[int], on: date) -> list[LinkEnd]:
    """The links of parties that hold on a day, each seen from the party asked about."""
    holds = (or_(LinkRow.since.is_(None), LinkRow.since <= on), or_(LinkRow.until.is_(None), LinkRow.until >= on))
    columns = (LinkRow.from_seq, LinkRow.to_seq, LinkRow.kind)
    ends: list[LinkEnd] = []
    for chunk in chunked(seqs):
        outgoing = await session.execute(select(*columns).where(LinkRow.from_seq.in_(chunk), *holds))
        ends += [LinkEnd(source, target, LinkKind(kind), True) for source, target, kind in outgoing]
        incoming = await session.execute(select(*columns).where(LinkRow.to_seq.in_(chunk), *holds))
        ends += [LinkEnd(target, source, LinkKind(kind), False) for source, target, kind in incoming]
    return ends
