"""What is spoken of no longer because a term ran out: looked for once a day, for every day since the last look."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.cases.tables import CaseRow
from services.registry.cases.views import sight as case_sight
from services.registry.cases.views import statement
from services.registry.cases.visibility import Audience, Sight
from services.registry.corrections.tables import BY_THE_CLOCK, EndingsDayRow
from services.registry.history import RecordChangeRow, RecordKind
from services.registry.listings.store import Docket, load_dockets
from services.registry.listings.tables import ListingRow
from services.registry.listings.views import sight as listing_sight
from shared.db.database import Database

_AT_ONCE: Final = 500
_GONE: Final = frozenset({Sight.HIDDEN, Sight.SEALED})


async def note_endings(database: Database, instant: datetime) -> int:
    """Note what was seen on the day of the last look and is not any more; how many.

    The first look ever only notes the day. Looking keeps no writer waiting.
    """
    today = instant.date()
    async with database.read() as session:
        last = await session.get(EndingsDayRow, 1)
        if last is not None and last.day >= today:
            return 0
        since = None if last is None else last.day
        ended = [] if since is None else [*await _cases(session, since, today), *await _listings(session, since, today)]
    async with database.write() as session:
        row = await session.get(EndingsDayRow, 1, with_for_update=True)
        if row is None:
            session.add(EndingsDayRow(id=1, day=today))
        elif row.day == since:  # else another look was faster
            row.day = today
            session.add_all(_row(kind, record, instant) for kind, record in ended)
    return len(ended)


def _row(kind: RecordKind, record: str, instant: datetime) -> RecordChangeRow:
    return RecordChangeRow(kind=kind, record=record, version=BY_THE_CLOCK, at=instant)


async def _cases(session: AsyncSession, before: date, today: date) -> list[tuple[RecordKind, str]]:
    found: list[tuple[RecordKind, str]] = []
    after = 0
    while rows := await _page(session, after):
        for row in rows:
            with suppress(ValueError):  # a damaged row is told of where it is read
                told = statement(row, "of-no-matter")
                if _ended(case_sight(told, before, Audience.AUTHORITY), case_sight(told, today, Audience.AUTHORITY)):
                    found.append((RecordKind.CASE, row.id))
        after = rows[-1].seq
    return found


async def _page(session: AsyncSession, after: int) -> Sequence[CaseRow]:
    query = select(CaseRow).where(CaseRow.seq > after).order_by(CaseRow.seq).limit(_AT_ONCE)
    return (await session.execute(query)).scalars().all()


async def _listings(session: AsyncSession, before: date, today: date) -> list[tuple[RecordKind, str]]:
    found: list[tuple[RecordKind, str]] = []
    after = 0
    query = select(ListingRow.seq).order_by(ListingRow.seq).limit(_AT_ONCE)
    while seqs := list((await session.execute(query.where(ListingRow.seq > after))).scalars()):
        for docket in await _dockets(session, seqs):
            was, is_now = (listing_sight(docket, day, Audience.AUTHORITY) for day in (before, today))
            if _ended(was, is_now):
                found.append((RecordKind.LISTING, docket.row.id))
        after = seqs[-1]
    return found


async def _dockets(session: AsyncSession, seqs: Sequence[int]) -> list[Docket]:
    """Some listings at once; one by one where one of them is damaged, without it."""
    try:
        return list((await load_dockets(session, seqs)).values())
    except ValueError:
        if len(seqs) == 1:
            return []
        return [docket for seq in seqs for docket in await _dockets(session, [seq])]


def _ended(was: Sight, is_now: Sight) -> bool:
    return was not in _GONE and is_now in _GONE
