"""Deliveries and changes, brought together: whoever received a record that changes is owed a correction.

Both orders are met in one transaction each: a change finds who was told before; a delivery finds what changed while
its answer was being made.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.deliveries.tables import CorrectionRow, DeliveryRow, KnownChangeRow
from shared.contracts.corrections import RecordChange
from shared.db.database import Database, now

SLACK: Final = timedelta(minutes=2)
"""Between two members' clocks, and what an answer may take: rather told once too often."""

_AT_ONCE: Final = 500
_LONGEST: Final = 64  # characters of a record's id


class Recipient(NamedTuple):
    """Who received something: an office of this node's member, or (office empty) another member's gateway."""

    member: str
    office: str


class Ledger:
    """Keeps who was told of whom.

    Args:
        database: the gateway's.
        clock: the present instant.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database, self._clock = database, clock

    async def deliver(self, recipient: Recipient, told: Mapping[str, Iterable[str]], asked_at: datetime) -> None:
        """Note that somebody was told of parties, before they are.

        Args:
            recipient: who is told.
            told: parties by the member whose records they are.
            asked_at: before the registers were asked.
        """
        pairs = [(source, party) for source, parties in told.items() for party in dict.fromkeys(parties)]
        pairs = [(source, party) for source, party in pairs if 0 < len(party) <= _LONGEST]
        for start in range(0, len(pairs), _AT_ONCE):
            by_source: dict[str, list[str]] = {}
            for source, party in pairs[start : start + _AT_ONCE]:
                by_source.setdefault(source, []).append(party)
            async with self._database.write() as session:
                await _queue_up(session)
                for source, parties in by_source.items():
                    await self._note(session, recipient, source, parties, asked_at)

    async def spread(self, source: str, changes: Sequence[RecordChange]) -> int:
        """Owe a correction to everybody who received what changed; a change that is known already changes nothing.

        Returns:
            How many changes were new.
        """
        async with self._database.write() as session:
            await _queue_up(session)
            new = [each for each in changes if await session.get(KnownChangeRow, (source, each.id)) is None]
            for change in new:
                await self._owe_all(session, source, change)
        return len(new)

    async def _note(
        self, session: AsyncSession, recipient: Recipient, source: str, parties: Sequence[str], asked_at: datetime
    ) -> None:
        told = DeliveryRow.member == recipient.member, DeliveryRow.office == recipient.office
        query = select(DeliveryRow).where(*told, DeliveryRow.source == source, DeliveryRow.party.in_(parties))
        known = {row.party: row for row in (await session.execute(query)).scalars()}
        instant = self._clock()
        for party in parties:
            if party in known:
                known[party].told_at = instant
            else:
                session.add(DeliveryRow(**recipient._asdict(), source=source, party=party, told_at=instant))
        meanwhile = KnownChangeRow.party.in_(parties), KnownChangeRow.received_at >= asked_at
        changed = select(KnownChangeRow).where(KnownChangeRow.source == source, *meanwhile)
        for change in (await session.execute(changed.order_by(KnownChangeRow.received_at))).scalars():
            await self._owe(session, recipient, source, change.id)

    async def _owe_all(self, session: AsyncSession, source: str, change: RecordChange) -> None:
        session.add(KnownChangeRow(source=source, received_at=self._clock(), **change.model_dump()))
        of_party = DeliveryRow.source == source, DeliveryRow.party == change.party
        query = select(DeliveryRow).where(*of_party, DeliveryRow.told_at >= change.since - SLACK)
        for row in (await session.execute(query)).scalars():
            await self._owe(session, Recipient(row.member, row.office), source, change.id)

    async def _owe(self, session: AsyncSession, recipient: Recipient, source: str, change_id: str) -> None:
        mine = CorrectionRow.member == recipient.member, CorrectionRow.office == recipient.office
        same = CorrectionRow.source == source, CorrectionRow.change_id == change_id
        if (await session.execute(select(CorrectionRow.number).where(*mine, *same))).first() is None:
            instant = self._clock()
            row = CorrectionRow(**recipient._asdict(), source=source, change_id=change_id)
            row.created_at = row.due_at = instant
            session.add(row)
            await session.flush()


async def _queue_up(session: AsyncSession) -> None:
    """Make those who write deliveries and changes wait for one another, until their transactions end."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite's write lock already puts them in a row
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('lindung-deliveries'))"))
