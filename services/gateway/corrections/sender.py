"""Corrections on their way to other members: in order, again and again, until they are acknowledged."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.corrections.clocks import Clocks
from services.gateway.deliveries.tables import CorrectionRow, DeliveryRow, KnownChangeRow
from services.gateway.tables import FederationAlertRow
from shared.contracts.corrections import CorrectionMessage, CorrectionReceipt, RecordChange
from shared.db.database import Database, now

AT_ONCE: Final = 50
"""Corrections in one message."""
OVERDUE: Final = "correction_overdue"

log = structlog.get_logger(__name__)


class NotAcknowledgedError(Exception):
    """A member did not take corrections, for whatever reason; they are sent again."""


Tell = Callable[[str, CorrectionMessage], Awaitable[CorrectionReceipt]]
"""Sends a message to a member; raises NotAcknowledgedError."""


class CorrectionSender:
    """Sends what is due, and raises an alert for what nobody acknowledges.

    Args:
        database: the gateway's.
        tell: the way to other members.
        clocks: terms.
        clock: the present instant.
    """

    def __init__(self, database: Database, tell: Tell, clocks: Clocks, clock: Callable[[], datetime] = now) -> None:
        self._database, self._tell, self._clocks, self._clock = database, tell, clocks, clock

    async def send_due(self) -> int:
        """Send to every member whose turn it is; how many corrections were acknowledged."""
        async with self._database.read() as session:
            query = select(CorrectionRow.member).where(_open(), CorrectionRow.office == "").distinct()
            members = (await session.execute(query)).scalars().all()
        return sum(await asyncio.gather(*(self._send_all(member) for member in members)))

    async def escalate(self) -> int:
        """Raise one alert for each recipient with corrections that became overdue; how many corrections."""
        instant = self._clock()
        late_member = (CorrectionRow.office == "") & (CorrectionRow.created_at < instant - self._clocks.member_overdue)
        late_office = (CorrectionRow.office != "") & (CorrectionRow.created_at < instant - self._clocks.office_overdue)
        query = select(CorrectionRow).where(_open(), CorrectionRow.escalated_at.is_(None), late_member | late_office)
        late: dict[tuple[str, str], int] = {}
        async with self._database.write() as session:
            for row in (await session.execute(query)).scalars().all():
                row.escalated_at = instant
                late[row.member, row.office] = late.get((row.member, row.office), 0) + 1
            for (member, office), count in late.items():
                detail = {"office": office, "corrections": str(count)}
                session.add(
                    FederationAlertRow(id=secrets.token_hex(16), at=instant, kind=OVERDUE, member=member, detail=detail)
                )
        for (member, _), count in late.items():
            log.error("corrections_not_acknowledged", member=member, corrections=count)
        return sum(late.values())

    async def forget(self) -> None:
        """Drop deliveries and changes whose time is over; a correction that is open keeps its change."""
        instant = self._clock()
        old = KnownChangeRow.received_at < instant - self._clocks.changes_kept
        open_one = exists().where(
            _open(), CorrectionRow.source == KnownChangeRow.source, CorrectionRow.change_id == KnownChangeRow.id
        )
        async with self._database.write() as session:
            too_old = DeliveryRow.told_at < instant - self._clocks.deliveries_kept
            await session.execute(delete(DeliveryRow).where(too_old))
            await session.execute(delete(KnownChangeRow).where(old, ~open_one))
            gone = ~exists().where(
                CorrectionRow.source == KnownChangeRow.source, CorrectionRow.change_id == KnownChangeRow.id
            )
            await session.execute(delete(CorrectionRow).where(gone))

    async def _send_all(self, member: str) -> int:
        """Batch after batch, in order, until one is not taken."""
        sent = 0
        while batch := await self._batch(member):
            message = CorrectionMessage(corrections=[change for _, change in batch])
            try:
                receipt = await self._tell(member, message)
            except NotAcknowledgedError:
                await self._put_off(batch[0][0])
                return sent
            taken = set(receipt.acknowledged)
            numbers = [number for number, change in batch if change.id in taken]
            await self._settle(numbers)
            sent += len(numbers)
            if len(numbers) < len(batch):
                await self._put_off(next(number for number, change in batch if change.id not in taken))
                return sent
        return sent

    async def _batch(self, member: str) -> list[tuple[int, RecordChange]]:
        """The oldest that are open; nothing while the first of them is put off."""
        query = (
            select(CorrectionRow, KnownChangeRow)
            .join(KnownChangeRow, _same_change())
            .where(_open(), CorrectionRow.member == member, CorrectionRow.office == "")
            .order_by(CorrectionRow.number)
            .limit(AT_ONCE)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        if not rows or rows[0][0].due_at > self._clock():
            return []
        return [(row.number, change_of(change)) for row, change in rows]

    async def _put_off(self, number: int) -> None:
        async with self._database.write() as session:
            row = await session.get(CorrectionRow, number)
            if row is not None:
                row.tries += 1
                row.due_at = self._clock() + self._clocks.retry(row.tries)

    async def _settle(self, numbers: list[int]) -> None:
        async with self._database.write() as session:
            await acknowledge(session, CorrectionRow.number.in_(numbers), "", self._clock())


async def acknowledge(session: AsyncSession, which: ColumnElement[bool], by: str, at: datetime) -> int:
    """Close corrections that are open; how many."""
    rows = (await session.execute(select(CorrectionRow).where(_open(), which))).scalars().all()
    for row in rows:
        row.acknowledged_at, row.acknowledged_by = at, by[:64]
    return len(rows)


def change_of(row: KnownChangeRow) -> RecordChange:
    """A change as it crosses the wire."""
    return RecordChange.model_validate({name: getattr(row, name) for name in RecordChange.model_fields})


def _same_change() -> ColumnElement[bool]:
    return (KnownChangeRow.source == CorrectionRow.source) & (KnownChangeRow.id == CorrectionRow.change_id)


def _open() -> ColumnElement[bool]:
    return CorrectionRow.acknowledged_at.is_(None)


async def open_by_member(session: AsyncSession) -> dict[str, int]:
    """How many corrections wait for each other member."""
    query = select(CorrectionRow.member, func.count()).where(_open(), CorrectionRow.office == "")
    return dict((await session.execute(query.group_by(CorrectionRow.member))).all())
