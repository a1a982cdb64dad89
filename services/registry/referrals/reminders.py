"""Overdue referrals are told: first to the receiving office, after as much time again to the sending one.

What is to be told is a row before it is sent, made with the mark that it was made, so that nothing is told twice or
lost however often the service stops. Each office hears of its own side, from its own member's register.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.referrals.offices import is_child
from services.registry.referrals.rules import AWAITED, TIME_TO_ANSWER
from services.registry.referrals.tables import ContactRow, ReferralNoticeRow, ReferralRow
from shared.contracts.referrals import ReferralNotice, ReferralNoticeKind, ReferralOffice
from shared.contracts.watches import Delivery
from shared.db.database import Database, now

EVERY_S: Final = 30.0
FIRST_RETRY: Final = timedelta(minutes=1)
LONGEST_RETRY: Final = timedelta(minutes=15)
MOST_TRIES: Final = 100
"""Over a day; afterwards the notice is given up, and lists still say what is overdue."""
_AT_ONCE: Final = 50
_CHILD: Final = ReferralOffice.CHILD_PROTECTION.value
_SIDES: Final = {ReferralNoticeKind.OVERDUE: "receiver", ReferralNoticeKind.ESCALATED: "sender"}

Post = Callable[[str, bytes, str], Awaitable[bool]]
"""Sends a signed notice (address, content, id); whether it was taken."""

log = structlog.get_logger(__name__)


class Reminders:
    """Makes notices of what is overdue, and sends them until they are taken.

    Args:
        database: the registry's.
        post: the way to contact points.
        clock: the present instant.
    """

    def __init__(self, database: Database, post: Post, clock: Callable[[], datetime] = now) -> None:
        self._database, self._post, self._clock = database, post, clock

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.note_overdue()
                await self.send_due()
            except Exception as error:  # noqa: BLE001  a fault of the database passes; the next look finds the same
                log.error("reminders_failed", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def note_overdue(self) -> int:
        """Leave notices for what became overdue or escalated; how many."""
        instant, made = self._clock(), 0
        for number, kind in enumerate((ReferralNoticeKind.OVERDUE, ReferralNoticeKind.ESCALATED)):
            query = select(ReferralRow).where(_late(kind, instant), ReferralRow.reminders == number)
            async with self._database.write() as session:
                for row in (await session.scalars(query.with_for_update())).all():
                    row.reminders = number + 1
                    made += await self._leave(session, row, kind, instant)
        return made

    async def send_due(self) -> int:
        """Send what waits; how many were taken."""
        due = ReferralNoticeRow.delivery == Delivery.WAITING, ReferralNoticeRow.next_at <= self._clock()
        query = select(ReferralNoticeRow, ReferralRow.id).join(
            ReferralRow, ReferralRow.seq == ReferralNoticeRow.referral_seq
        )
        async with self._database.read() as session:
            rows = (await session.execute(query.where(*due).order_by(ReferralNoticeRow.next_at).limit(_AT_ONCE))).all()
        taken = await asyncio.gather(*(self._send(row, referral) for row, referral in rows))
        async with self._database.write() as session:
            for (row, _), done in zip(rows, taken, strict=True):
                await self._keep(session, row.id, taken=done)
        return sum(taken)

    async def _leave(self, session: AsyncSession, row: ReferralRow, kind: ReferralNoticeKind, instant: datetime) -> int:
        contacts = await _contacts(session, row, kind)
        for webhook in contacts:
            notice = ReferralNoticeRow(id=secrets.token_hex(16), referral_seq=row.seq, kind=kind.value, webhook=webhook)
            notice.at = notice.next_at = instant
            notice.delivery, notice.tries = Delivery.WAITING.value, 0
            session.add(notice)
        return len(contacts)

    async def _send(self, row: ReferralNoticeRow, referral: str) -> bool:
        notice = ReferralNotice(id=row.id, referral=referral, kind=ReferralNoticeKind(row.kind), at=row.at)
        return await self._post(row.webhook, notice.model_dump_json().encode(), row.id)

    async def _keep(self, session: AsyncSession, notice_id: str, *, taken: bool) -> None:
        row = await session.get(ReferralNoticeRow, notice_id, with_for_update=True)
        if row is None:
            return
        row.tries += 1
        row.next_at = self._clock() + min(LONGEST_RETRY, FIRST_RETRY * float(2 ** min(row.tries - 1, 10)))
        if taken:
            row.delivery = Delivery.DELIVERED.value
        elif row.tries >= MOST_TRIES:
            row.delivery = Delivery.GIVEN_UP.value


def _late(kind: ReferralNoticeKind, instant: datetime) -> ColumnElement[bool]:
    """Nobody answered in time; of an escalation: nor in as much time again."""
    awaited = ReferralRow.state.in_([state.value for state in AWAITED])
    if kind is ReferralNoticeKind.OVERDUE:
        return awaited & (ReferralRow.due_at < instant)
    second = (
        and_(ReferralRow.urgency == urgency.value, ReferralRow.due_at < instant - time)
        for urgency, time in TIME_TO_ANSWER.items()
    )
    return awaited & or_(*second)


async def _contacts(session: AsyncSession, row: ReferralRow, kind: ReferralNoticeKind) -> Sequence[str]:
    """Contact points of the office that is told; none of one for whom the referral is absent, or is another member's.

    A child's referral is child protection's: it is told in the place of whoever sent it.
    """
    side = _SIDES[kind]
    office, organisation = getattr(row, side), getattr(row, f"{side}_organisation")
    if getattr(row, f"{side}_member") != row.member:
        return ()
    child = await session.scalar(select(ReferralRow.seq).where(ReferralRow.seq == row.seq, is_child())) is not None
    if child and kind is ReferralNoticeKind.OVERDUE and _CHILD not in {row.sender, row.receiver}:
        return ()
    if child and kind is ReferralNoticeKind.ESCALATED:
        office, organisation = _CHILD, None
    query = select(ContactRow.webhook).where(ContactRow.member == row.member, ContactRow.office == office)
    if organisation:
        query = query.where(ContactRow.organisation == organisation)
    return (await session.scalars(query)).all()
