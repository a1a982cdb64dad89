"""Who owns, directs or represents whom, or is whose principal: links in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.bitemporal import covers
from services.registry.history import Recorder, RecordKind, RecordNotFoundError, Told, last_told, versions_of
from services.registry.parties.store import party_seqs
from services.registry.parties.tables import LinkRow
from services.registry.tables import chunked
from shared.contracts.parties import LinkBody, LinkKind, LinkRecord


class LinkMovedError(Exception):
    """A link keeps its ends and its kind."""


_COLUMNS: Final = ("kind", "since", "until", "source", "authority", "document_digest", "retracted")


async def put_link(recorder: Recorder, link_id: str, body: LinkBody) -> tuple[LinkRecord, bool]:
    """Create a link, or tell anew since when and until when it holds; told the same again, nothing is changed.

    Returns:
        The link, and whether it is new.

    Raises:
        UnknownPartyError: one of its ends is not in the register.
        NotOwnRecordError: another member recorded it.
        LinkMovedError: it has other ends or another kind.
    """
    session = recorder.session
    query = select(LinkRow).where(LinkRow.id == link_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    from_seq, to_seq = await party_seqs(session, body.from_, body.to)
    if row is None:
        row = LinkRow(id=link_id, member=recorder.member, version=0, from_seq=from_seq, to_seq=to_seq)
        session.add(row)
    else:
        recorder.require_own(row.member)
        if (row.from_seq, row.to_seq, row.kind) != (from_seq, to_seq, body.kind):
            raise LinkMovedError("a link keeps its ends and its kind; another one is another record")
        if all(getattr(row, name) == getattr(body, name) for name in _COLUMNS):
            return _link_record(row, body), False
    for name in _COLUMNS:
        setattr(row, name, getattr(body, name))
    row.version += 1
    told = Told(body.since, body.until, body.authority, body.document_digest, body.retracted)
    recorder.keep(RecordKind.LINK, link_id, row.version, body.model_dump(mode="json", by_alias=True), told)
    return _link_record(row, body), row.version == 1


def _link_record(row: LinkRow, body: LinkBody) -> LinkRecord:
    return _record(row, body, row.version)


def _record(row: LinkRow, body: LinkBody, version: int) -> LinkRecord:
    return LinkRecord.model_validate(
        {**body.model_dump(by_alias=True), "id": row.id, "member": row.member, "version": version}
    )


async def link_on(session: AsyncSession, link_id: str, known_on: date | None) -> LinkRecord:
    """A link as it was known on a day.

    Raises:
        RecordNotFoundError: there is none, or none was known then.
    """
    row = (await session.execute(select(LinkRow).where(LinkRow.id == link_id))).scalar_one_or_none()
    told = await versions_of(session, RecordKind.LINK, link_id, known_on) if row else []
    if row is None or not told:
        raise RecordNotFoundError("the register holds no such link")
    return _record(row, LinkBody.model_validate(told[-1].content), told[-1].version)


async def links_of(session: AsyncSession, seq: int, on: date, known_on: date | None) -> list[LinkRecord]:
    """The links of a party that held on a day, by what was known on another; in the order of their ids.

    What was told last of a link replaces what was told of it before, its days too.
    """
    here = or_(LinkRow.from_seq == seq, LinkRow.to_seq == seq)
    rows = (await session.execute(select(LinkRow).where(here).order_by(LinkRow.id))).scalars()
    told = await last_told(session, RecordKind.LINK, select(LinkRow.id).where(here), known_on)
    return [
        _record(row, LinkBody.model_validate(told[row.id].content), told[row.id].version)
        for row in rows
        if row.id in told and told[row.id].correction is None and covers(told[row.id], on)
    ]


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
    holds = (
        LinkRow.retracted.is_(None),
        or_(LinkRow.since.is_(None), LinkRow.since <= on),
        or_(LinkRow.until.is_(None), LinkRow.until >= on),
    )
    columns = (LinkRow.from_seq, LinkRow.to_seq, LinkRow.kind)
    ends: list[LinkEnd] = []
    for chunk in chunked(seqs):
        outgoing = await session.execute(select(*columns).where(LinkRow.from_seq.in_(chunk), *holds))
        ends += [LinkEnd(source, target, LinkKind(kind), True) for source, target, kind in outgoing]
        incoming = await session.execute(select(*columns).where(LinkRow.to_seq.in_(chunk), *holds))
        ends += [LinkEnd(target, source, LinkKind(kind), False) for source, target, kind in incoming]
    return ends
