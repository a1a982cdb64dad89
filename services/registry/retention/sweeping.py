"""Looks for what is due, again and again, and erases it. What is left, and what it proves: docs/adr/0053."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Select, Update, delete, exists, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.registry.clocks import Clock, term
from services.registry.redress.fund_tables import FundPaymentRow
from services.registry.redress.tables import ClaimEventRow, ClaimRow
from services.registry.retention.due import Over
from services.registry.retention.tables import ErasureRow
from services.registry.support.offices import is_child
from services.registry.support.tables import SupportCaseRow, SupportEventRow, SupportServiceRow
from shared.contracts.support import SupportCaseState
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.standards.indicators.rules import Answer

EVERY_S: Final = 3600.0
_AT_ONCE: Final = 100
_TABLES: Final = (ClaimRow, FundPaymentRow, SupportCaseRow)

log = structlog.get_logger(__name__)


class Retention:
    """Erases records whose time is over; each batch with its count, in one transaction.

    Args:
        database: the registry's.
        keys: sealing keys per member: what is left of a record lies under a fresh one.
        clock: the present instant.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Callable[[], datetime] = now) -> None:
        self._database, self._keys, self._clock = database, keys, clock

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                for kind, number in (await self.erase_due()).items():
                    log.info("erased", clock=kind.value, records=number)
            except Exception as error:  # noqa: BLE001  a fault of the database passes; the next look finds the same
                log.error("retention_failed", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def erase_due(self) -> Mapping[Clock, int]:
        """Erase all that is due. Where one member's of one kind fails, the others' are erased.

        Returns:
            How many records, by clock.
        """
        erased: Counter[Clock] = Counter()
        for member in await self._members():
            for kind in _KINDS:
                try:
                    while number := await self._some(member, kind):
                        erased[kind] += number
                except Exception as error:  # noqa: BLE001  the next look tries again
                    log.error("retention_failed", member=member, clock=kind.value, error=type(error).__name__)
        return erased

    async def _members(self) -> Sequence[str]:
        """Whose records there are."""
        kept = (select(table.member).where(table.erased_at.is_(None)) for table in _TABLES)
        async with self._database.read() as session:
            return (await session.scalars(union(*kept))).all()

    async def _some(self, member: str, kind: Clock) -> int:
        at = self._clock()
        last = term(member, kind).last_over(at.date())
        if last is None:
            return 0
        over = Over(member, datetime.combine(last + timedelta(days=1), time(), UTC), at.date())
        async with self._database.write() as session:
            number = await _KINDS[kind](session, over, at, self._keys)
            if number:
                session.add(ErasureRow(member=member, clock=kind.value, number=number, at=at))
        return number


async def _claims(session: AsyncSession, over: Over, at: datetime, keys: KeyRing) -> int:
    """Amounts, states and days are left, for the ledger adds them up."""
    rows: Sequence[ClaimRow] = await _batch(session, over.claims(), ClaimRow)
    for row in rows:
        row.content, row.wrapped_key, row.erased_at = b"", keys.new_subject_key(row.member), at
        row.about = row.against = row.held_until = None
    told = update(ClaimEventRow).where(ClaimEventRow.claim_seq.in_([row.seq for row in rows]))
    await session.execute(told.values(told=None))
    return len(rows)


async def _payments(session: AsyncSession, over: Over, at: datetime, keys: KeyRing) -> int:
    """What tells one person from another in what donors were told is left; what it leads to is not."""
    rows: Sequence[FundPaymentRow] = await _batch(session, over.payments(), FundPaymentRow)
    for row in rows:
        row.told, row.wrapped_key, row.erased_at, row.about = b"", keys.new_subject_key(row.member), at, None
    await session.flush()
    for subject in {row.subject for row in rows}:
        await session.execute(_unnamed(over.member, subject))
    return len(rows)


def _unnamed(member: str, subject: str) -> Update:
    """A drawn id instead of a subject, the same in all its payments, once none of them is kept."""
    payment, other = FundPaymentRow, aliased(FundPaymentRow)
    kept = exists().where(other.member == member, other.subject == subject, other.erased_at.is_(None))
    last = update(payment).where(payment.member == member, payment.subject == subject, ~kept)
    return last.values(subject=f"E{secrets.token_hex(12)}").execution_options(synchronize_session=False)


async def _cases(session: AsyncSession, over: Over, at: datetime, keys: KeyRing) -> int:
    """Whether it was a child's is left: what told so is not named any more, and the stub stays child protection's."""
    await session.execute(_dated(over.member))
    rows: Sequence[SupportCaseRow] = await _batch(session, over.cases(), SupportCaseRow)
    seqs = [row.seq for row in rows]
    children = select(SupportCaseRow.seq).where(SupportCaseRow.seq.in_(seqs), is_child())
    childs = set((await session.scalars(children)).all())
    for row in rows:
        row.child = Answer.YES.value if row.seq in childs else row.child
        row.content, row.wrapped_key, row.erased_at = b"", keys.new_subject_key(row.member), at
        row.assessment = row.referral = row.registration = None
        row.stand_in = row.stand_in_until = row.held_until = None
    for table in (SupportServiceRow, SupportEventRow):
        await session.execute(delete(table).where(table.case_seq.in_(seqs)))
    return len(rows)


def _dated(member: str) -> Update:
    """The former version closes a case without a day: that was, at the latest, when something was last done with it."""
    case, event = SupportCaseRow, SupportEventRow
    last = select(func.max(event.at)).where(event.case_seq == case.seq).scalar_subquery()
    undated = update(case).where(
        case.member == member, case.state == SupportCaseState.CLOSED.value, case.closed_at.is_(None)
    )
    return undated.values(closed_at=func.coalesce(last, case.opened_at)).execution_options(synchronize_session=False)


async def _batch(session: AsyncSession, due: Select[Any], table: Any) -> Any:
    """The oldest, locked. PostgreSQL looks again at a row it waited for, and at no other: so all is asked twice."""
    locked = due.with_only_columns(table.seq).order_by(table.seq).limit(_AT_ONCE).with_for_update(of=table)
    seqs = (await session.scalars(locked)).all()
    return (await session.scalars(due.where(table.seq.in_(seqs)).order_by(table.seq))).all()


_Eraser = Callable[[AsyncSession, Over, datetime, KeyRing], Awaitable[int]]
_KINDS: Final[Mapping[Clock, _Eraser]] = {
    Clock.CLAIM_ENDED: _claims,
    Clock.PAYMENT_POSTED: _payments,
    Clock.SUPPORT_CLOSED: _cases,
}
"""Claims before payments: a payment is kept as long as its claim."""
