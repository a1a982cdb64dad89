"""Parties going out: all of them, or those that changed since an instant."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.imported import EntryRow
from services.registry.parties.tables import PartyRow
from shared.contracts.exchange import ExportedParty, ExportPage, ListEntry


async def export_page(
    session: AsyncSession, source: str | None, since: datetime | None, after: str | None, limit: int
) -> ExportPage:
    """Parties in the order of their ids.

    Args:
        session: for reading.
        source: only those of a list.
        since: only what was added, changed or delisted after; None: all that stands.
        after: id of the last party of the page before.
        limit: at most so many.
    """
    query = select(PartyRow).order_by(PartyRow.id).limit(limit + 1)
    if after is not None:
        query = query.where(PartyRow.id > after)
    entries = select(EntryRow.party)
    if source is not None:
        query = query.where(PartyRow.id.in_(entries.where(EntryRow.source == source)))
    if since is not None:
        left = entries.where(EntryRow.delisted_at > since)
        query = query.where(or_(PartyRow.last_change > since, PartyRow.id.in_(left)))
    rows = list((await session.execute(query)).scalars())
    lists = await _lists(session, select(EntryRow).where(EntryRow.party.in_([row.id for row in rows])))
    shown = [_exported(row, lists.get(row.id, []), source, since) for row in rows[:limit]]
    return ExportPage(results=shown, next=shown[-1].id if len(rows) > limit else None)


async def _lists(session: AsyncSession, query: Select[EntryRow]) -> dict[str, list[ListEntry]]:
    found: dict[str, list[ListEntry]] = defaultdict(list)
    for row in (await session.execute(query.order_by(EntryRow.seq))).scalars():
        found[row.party].append(ListEntry.model_validate({name: getattr(row, name) for name in ListEntry.model_fields}))
    return found


def _exported(row: PartyRow, lists: Sequence[ListEntry], source: str | None, since: datetime | None) -> ExportedParty:
    asked = [entry for entry in lists if source in (None, entry.source)]
    gone = bool(asked) and all(entry.delisted_at is not None for entry in asked)
    new = since is None or row.first_seen > since
    return ExportedParty(
        op="DEL" if gone else "ADD" if new else "MOD",
        id=row.id,
        caption=row.caption,
        schema_=row.schema,
        properties=row.properties,
        datasets=sorted({entry.source for entry in lists if entry.delisted_at is None}),
        first_seen=row.first_seen,
        last_change=row.last_change,
        lists=list(lists),
    )
