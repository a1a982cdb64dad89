"""Watches compared with the register as it is now: what differs from the last look becomes a notice.

How everything stood is kept with each watch, so that nothing is missed however long the service was away, and nothing
is told twice: state and notices are written in one transaction, and only over the state that was compared with.
"""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import HistoryRow
from services.registry.imported import ImportRow
from services.registry.screening.changes import changes_between
from services.registry.screening.comparison import Bar
from services.registry.screening.matching import THRESHOLD
from services.registry.screening.office_tables import NoticeRow, ScreeningJobRow, WatchRow
from services.registry.screening.scope import EVERYTHING
from services.registry.screening.screener import Screener
from services.registry.screening.standing import Standing, standing_of
from services.registry.screening.tables import StagedPostingsRow
from shared.contracts.screening import QueryEntity
from shared.contracts.watches import Delivery
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.db.jobs import JobRunner, enqueue

NOTIFY_JOB: Final = "send_notice"
KEPT: Final = timedelta(days=90)
"""How long notices are kept."""

_EVERY_S: Final = 15.0
_AT_ONCE: Final = 50
_BAR: Final = Bar(cutoff=THRESHOLD, limit=30)
"""Hits that are watched: whoever may well be the one asked about, whether identified or not."""

log = structlog.get_logger(__name__)


def seal_owner(watch_id: str) -> str:
    """What a watch's sealed query is bound to."""
    return f"watch/{watch_id}/query"


def asked_of(ring: KeyRing, row: WatchRow) -> QueryEntity | None:
    """The query that is watched; None where it is a party."""
    if row.asked is None:
        return None
    opened = ring.subject(row.member, row.subject_key).open(row.asked, seal_owner(row.id))
    return QueryEntity.model_validate_json(opened)


class WatchSweep:
    """Looks at all watches whenever the register changed, and once more on the next day.

    Args:
        database: the registry's.
        ring: the member states' keys.
        screener: asks the register.

    Attributes:
        looked_at: when the last look at all of them began; None: there was none yet.
    """

    def __init__(self, database: Database, ring: KeyRing, screener: Screener) -> None:
        self._database = database
        self._ring = ring
        self._screener = screener
        self._seen: tuple[Any, ...] | None = None
        self._settled = True
        self.looked_at: datetime | None = None

    async def run(self, runner: JobRunner) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                if await self.look_if_changed():
                    runner.wake()
            except Exception as error:  # noqa: BLE001  a fault of the database passes; the next look finds the same
                log.error("watch_sweep_failed", error=type(error).__name__)
            await asyncio.sleep(_EVERY_S)

    async def look_if_changed(self) -> int:
        """Look at all watches when anything was told since the last look, or the day is another.

        After a change there is one look more: a transaction that began before may end after.

        Returns:
            How many notices were left.
        """
        mark, instant = await self._mark(), now()
        if mark == self._seen and self._settled:
            self.looked_at = instant
            return 0
        notices = await self.look_at_all()
        self._seen, self._settled, self.looked_at = mark, mark == self._seen, instant
        return notices

    async def look_at_all(self) -> int:
        """Compare every watch with the register; the number of notices left."""
        after, notices = 0, 0
        while True:
            async with self._database.read() as session:
                query = select(WatchRow).where(WatchRow.seq > after).order_by(WatchRow.seq).limit(_AT_ONCE)
                rows = list((await session.execute(query)).scalars())
            if not rows:
                await self._forget()
                return notices
            seen = list(zip(rows, await self.look(rows), strict=True))
            await self._note_same([row.seq for row, known in seen if known == row.known])
            for row, known in seen:
                if known != row.known:
                    notices += await self._note(row, known)
            after = rows[-1].seq

    async def look(self, rows: Sequence[WatchRow]) -> list[dict[str, Standing]]:
        """How the parties of some watches stand now, by id."""
        today = now().date()
        asked = [(at, query) for at, row in enumerate(rows) if (query := asked_of(self._ring, row)) is not None]
        hits = await self._screener.find([query for _, query in asked], _BAR, today, EVERYTHING) if asked else []
        seqs = [{row.party_seq} if row.party_seq is not None else set() for row in rows]
        for (at, _), some in zip(asked, hits, strict=True):
            seqs[at] = {hit.seq for hit in some[: _BAR.limit]}
        dossiers = await self._screener.dossiers({seq for some in seqs for seq in some}, today)
        return [
            {dossiers.parties[seq].id: standing_of(seq, dossiers) for seq in some if seq in dossiers.parties}
            for some in seqs
        ]

    async def _forget(self) -> None:
        """Drop notices whose time is over."""
        old = (NoticeRow.at < now() - KEPT, NoticeRow.delivery != Delivery.WAITING)
        async with self._database.write() as session:
            await session.execute(delete(NoticeRow).where(*old))

    async def _mark(self) -> tuple[Any, ...]:
        """Another one whenever something was told, an import became findable, or the day is another."""
        marks = (func.max(HistoryRow.seq), func.max(StagedPostingsRow.seq), func.max(ImportRow.finished_at))
        async with self._database.read() as session:
            row = (await session.execute(select(*(select(mark).scalar_subquery() for mark in marks)))).one()
        return (*row, now().date())

    async def _note_same(self, seqs: Sequence[int]) -> None:
        async with self._database.write() as session:
            await session.execute(update(WatchRow).where(WatchRow.seq.in_(seqs)).values(checked_at=now()))

    async def _note(self, row: WatchRow, known: dict[str, Standing]) -> int:
        changes = list(changes_between(row.known, known))
        mine = (WatchRow.seq == row.seq, WatchRow.round == row.round)
        values = {"checked_at": now(), "round": row.round + 1, "known": known}
        async with self._database.write() as session:
            done = await session.execute(update(WatchRow).where(*mine).values(values).returning(WatchRow.seq))
            if done.first() is None:
                return 0  # another look was faster, or it was given up
            for party, kind in changes:
                _leave(session, row, party, kind)
        return len(changes)


def _leave(session: AsyncSession, watch: WatchRow, party: str, kind: str) -> None:
    notice = NoticeRow(
        id=secrets.token_hex(16),
        watch_id=watch.id,
        member=watch.member,
        organisation=watch.organisation,
        party=party,
        kind=kind,
        at=now(),
        delivery=Delivery.NONE if watch.webhook is None else Delivery.WAITING,
    )
    session.add(notice)
    if watch.webhook is not None:
        enqueue(session, ScreeningJobRow, NOTIFY_JOB, notice.id)
