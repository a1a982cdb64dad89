"""A fund's ledger in the database: the one place where money is posted. Rows are added, never changed.

Whoever posts holds the lock on the fund's row until the transaction ends, so that the balance that was looked at is the
balance that is written. On SQLite the one writer is the lock. How and why: docs/adr/0042.
"""

import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.redress.fund_tables import FundPaymentRow, FundRow, PostingLineRow, PostingRow
from services.registry.redress.offices import RedressOffice
from services.registry.redress.postings import Amounts, balances_after
from shared.contracts.fund import PostingKind, ReversalReason
from shared.db.database import now


@dataclass(frozen=True)
class Entry:
    """What is to be posted, and because of what."""

    kind: PostingKind
    amounts: Amounts
    payment: FundPaymentRow | None = None
    reverses: PostingRow | None = None
    reason: ReversalReason | None = None
    key: str | None = None


class Ledger:
    """A fund whose row this transaction has locked. Only `opened` makes one.

    Args:
        session: of a writing transaction.
        fund: its row, locked.
    """

    def __init__(self, session: AsyncSession, fund: FundRow) -> None:
        self._session = session
        self.fund = fund

    @classmethod
    async def opened(cls, session: AsyncSession, office: RedressOffice, currency: str) -> "Ledger":
        """An office's fund in a currency, made where there is none yet; waits for whoever posts to it."""
        known = select(FundRow).filter_by(member=office.member, organisation=office.organisation, currency=currency)
        fund = await session.scalar(known.with_for_update())
        if fund is None:
            with suppress(IntegrityError):  # somebody else made it just now
                async with session.begin_nested():
                    session.add(FundRow(member=office.member, organisation=office.organisation, currency=currency))
            fund = (await session.scalars(known.with_for_update())).one()
        return cls(session, fund)

    @classmethod
    async def of(cls, session: AsyncSession, fund_seq: int) -> "Ledger":
        """A fund that is known; waits for whoever posts to it."""
        return cls(session, await session.get_one(FundRow, fund_seq, with_for_update=True))

    async def post(self, entry: Entry, by: str) -> PostingRow:
        """Add a posting.

        Raises:
            InsufficientFundsError: an account would go below zero.
            ValueError: its lines do not add up to zero.
        """
        last = await last_lines(self._session, self.fund.seq, entry.amounts)
        after = balances_after(entry.amounts, {account: line.balance for account, line in last.items()})
        posting = PostingRow(
            id=f"L{secrets.token_hex(12)}",
            fund_seq=self.fund.seq,
            number=await self._last_number() + 1,
            kind=entry.kind.value,
            payment_seq=entry.payment.seq if entry.payment else None,
            reverses=entry.reverses.seq if entry.reverses else None,
            reason=entry.reason.value if entry.reason else None,
            idempotency_key=entry.key,
            by=by,
            at=now(),
        )
        self._session.add(posting)
        await self._session.flush()
        for account, amount in entry.amounts.items():
            number = last[account].number + 1 if account in last else 1
            line = {"account": account, "number": number, "amount": amount, "balance": after[account]}
            self._session.add(PostingLineRow(fund_seq=self.fund.seq, posting_seq=posting.seq, **line))
        await self._session.flush()
        return posting

    async def _last_number(self) -> int:
        query = select(func.max(PostingRow.number)).where(PostingRow.fund_seq == self.fund.seq)
        return await self._session.scalar(query) or 0


async def last_lines(
    session: AsyncSession, fund_seq: int, accounts: Collection[str] | None = None
) -> dict[str, PostingLineRow]:
    """The last line of each account of a fund: its balance. One that nothing was posted to is not in it."""
    lines = select(PostingLineRow.account, func.max(PostingLineRow.number).label("number"))
    lines = lines.where(PostingLineRow.fund_seq == fund_seq).group_by(PostingLineRow.account)
    if accounts is not None:
        lines = lines.where(PostingLineRow.account.in_(accounts))
    last = lines.subquery()
    same = (PostingLineRow.account == last.c.account) & (PostingLineRow.number == last.c.number)
    query = select(PostingLineRow).join(last, same).where(PostingLineRow.fund_seq == fund_seq)
    return {line.account: line for line in await session.scalars(query)}


async def lines_of(session: AsyncSession, postings: Collection[int]) -> dict[int, list[PostingLineRow]]:
    """The lines of some postings, by the posting's row number."""
    found: dict[int, list[PostingLineRow]] = {seq: [] for seq in postings}
    query = select(PostingLineRow).where(PostingLineRow.posting_seq.in_(postings)).order_by(PostingLineRow.seq)
    for line in await session.scalars(query):
        found[line.posting_seq].append(line)
    return found
