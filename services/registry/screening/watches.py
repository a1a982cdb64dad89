"""Watches in the database: made, listed, given up; and the notices that they left."""

import secrets
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import RecordNotFoundError
from services.registry.parties.store import get_party
from services.registry.parties.tables import PartyRow
from services.registry.screening.office_tables import NoticeRow, ScreeningJobRow, WatchRow
from services.registry.screening.sweeping import NOTIFY_JOB, WatchSweep, asked_of, seal_owner
from shared.contracts.caller import Caller
from shared.contracts.watches import Delivery, Notice, NoticePage, Watch, WatchBody, WatchPage
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.db.jobs import enqueue
from shared.http.named_hosts import NamedHosts

_MOST: Final = 1_000


class TooManyWatchesError(Exception):
    """The caller's office has as many watches as it may."""


class Watches:
    """All that offices do with watches.

    Args:
        database: the registry's.
        ring: the member states' keys.
        hosts: where notices may be sent.
        sweep: compares watches with the register.
    """

    def __init__(self, database: Database, ring: KeyRing, hosts: NamedHosts, sweep: WatchSweep) -> None:
        self._database = database
        self._ring = ring
        self._hosts = hosts
        self._sweep = sweep

    async def make(self, caller: Caller, body: WatchBody) -> Watch:
        """Watch a party or a query from now on; what is so already is no change.

        Raises:
            RecordNotFoundError: the register does not hold the party.
            HostNotNamedError: notices are not sent there.
            TooManyWatchesError: give up others first.
            MemberKeyMissingError: this deployment has no key for the caller's member.
        """
        if body.webhook is not None:
            self._hosts.check(body.webhook)
        watch_id, key = secrets.token_hex(16), self._ring.new_subject_key(caller.member)
        row = WatchRow(
            id=watch_id,
            member=caller.member,
            organisation=caller.organisation[:200],
            made_by=caller.person[:64],
            subject_key=key,
            label=body.label,
            webhook=body.webhook,
            created_at=now(),
            checked_at=now(),
            round=0,
        )
        if body.query is not None:
            asked = body.query.model_dump_json(by_alias=True).encode()
            row.asked = self._ring.subject(caller.member, key).seal(asked, seal_owner(watch_id))
        elif body.party is not None:
            async with self._database.read() as session:
                row.party_seq = (await get_party(session, body.party)).seq
        (row.known,) = await self._sweep.look([row])
        async with self._database.write() as session:
            await _check_room(session, caller)
            session.add(row)
        return self._told(row, body.party)

    async def page(self, caller: Caller, after: int, limit: int) -> WatchPage:
        """The watches of the caller's office, in the order of making."""
        query = select(WatchRow, PartyRow.id).outerjoin(PartyRow, PartyRow.seq == WatchRow.party_seq)
        query = query.where(*_of_office(WatchRow, caller), WatchRow.seq > after)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(WatchRow.seq).limit(limit + 1))).all()
        shown = rows[:limit]
        results = [self._told(row, party) for row, party in shown]
        return WatchPage(results=results, next=shown[-1][0].seq if len(rows) > limit else None)

    async def give_up(self, caller: Caller, watch_id: str) -> None:
        """Watch no longer; its notices go with it.

        Raises:
            RecordNotFoundError: the caller's office has no such watch.
        """
        async with self._database.write() as session:
            row = await _own(session, caller, watch_id)
            await session.execute(delete(NoticeRow).where(NoticeRow.watch_id == row.id))
            await session.execute(delete(WatchRow).where(WatchRow.id == row.id))

    async def notices(self, caller: Caller, after: int, limit: int) -> NoticePage:
        """What changed for the caller's office, after a notice's number."""
        query = select(NoticeRow).where(*_of_office(NoticeRow, caller), NoticeRow.number > after)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(NoticeRow.number).limit(limit))).scalars()
            results = [notice_of(row) for row in rows]
        last = results[-1].number if results else after
        return NoticePage(results=results, next=last, looked_at=self._sweep.looked_at)

    async def redeliver(self, caller: Caller, watch_id: str) -> int:
        """Send again the notices of a watch that its webhook did not take.

        Returns:
            How many.

        Raises:
            RecordNotFoundError: the caller's office has no such watch.
        """
        async with self._database.write() as session:
            await _own(session, caller, watch_id)
            lost = (NoticeRow.watch_id == watch_id, NoticeRow.delivery == Delivery.GIVEN_UP)
            ids = list((await session.execute(select(NoticeRow.id).where(*lost))).scalars())
            await session.execute(
                update(NoticeRow).where(NoticeRow.id.in_(ids)).values(delivery=Delivery.WAITING, tries=0)
            )
            for each in ids:
                enqueue(session, ScreeningJobRow, NOTIFY_JOB, each)
        return len(ids)

    def _told(self, row: WatchRow, party: str | None) -> Watch:
        return Watch(
            id=row.id,
            party=party,
            query=asked_of(self._ring, row),
            label=row.label,
            webhook=row.webhook,
            created_at=row.created_at,
            checked_at=row.checked_at,
            hits=len(row.known),
        )


def notice_of(row: NoticeRow) -> Notice:
    """A notice as it crosses the wire."""
    same = ("id", "number", "party", "kind", "at", "delivery")
    return Notice.model_validate({name: getattr(row, name) for name in same} | {"watch": row.watch_id})


async def _check_room(session: AsyncSession, caller: Caller) -> None:
    query = select(func.count()).select_from(WatchRow).where(*_of_office(WatchRow, caller))
    if (await session.execute(query)).scalar_one() >= _MOST:
        raise TooManyWatchesError(f"an office has at most {_MOST} watches")


def _of_office(table: type[WatchRow] | type[NoticeRow], caller: Caller) -> tuple[ColumnElement[bool], ...]:
    return (table.member == caller.member, table.organisation == caller.organisation[:200])


async def _own(session: AsyncSession, caller: Caller, watch_id: str) -> WatchRow:
    query = select(WatchRow).where(WatchRow.id == watch_id, *_of_office(WatchRow, caller)).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise RecordNotFoundError("this office has no such watch")
    return row
