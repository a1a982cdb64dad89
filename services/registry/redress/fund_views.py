"""The aid fund as it is read: balances, payments, the ledger."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.registry.redress.fund_tables import FundPaymentRow, FundRow, PostingLineRow, PostingRow
from services.registry.redress.ledger import last_lines, lines_of
from services.registry.redress.offices import LedgerReader, RedressOffice
from services.registry.redress.postings import AVAILABLE, PAID_OUT, RESERVED, is_donor
from services.registry.redress.tables import ClaimRow
from shared.contracts.fund import (
    FundBalance,
    FundList,
    LedgerLine,
    LedgerPage,
    LedgerPosting,
    Payment,
    PaymentItem,
    PaymentPage,
    PaymentState,
)
from shared.contracts.moves import MoveOffered
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.db.newest import newest_rows
from shared.standards.currencies import currency


class PaymentUnknownError(Exception):
    """No such payment, or not this office's: the two look the same."""


class PostingUnknownError(Exception):
    """No such posting, or not this office's."""


class Words(BaseModel):
    """What of a payment is sealed."""

    payee: str
    note: str | None


class FundReading:
    """Reads the aid fund.

    Args:
        database: the registry's.
        keys: sealing keys per member: each payment's payee is sealed with a key of its own.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    async def balances(self, reader: LedgerReader) -> FundList:
        """What there is, by currency."""
        async with self._database.read() as session:
            funds = (await session.scalars(select(FundRow).where(reader.funds).order_by(FundRow.currency))).all()
            return FundList(items=[_balance(fund, await last_lines(session, fund.seq)) for fund in funds])

    async def payment(self, office: RedressOffice, payment_id: str) -> Payment:
        """One payment.

        Raises:
            PaymentUnknownError: none, or not this office's.
        """
        async with self._database.read() as session:
            return await self.view(session, office, await find_payment(session, office, payment_id))

    async def payments(
        self, office: RedressOffice, state: PaymentState | None, before: int | None, limit: int
    ) -> PaymentPage:
        """This office's, newest first."""
        query = _with_names().where(office.payments)
        if state is not None:
            query = query.where(FundPaymentRow.state == state.value)
        if before is not None:
            query = query.where(FundPaymentRow.seq < before)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(FundPaymentRow.seq.desc()).limit(limit + 1))).all()
        more = rows[limit - 1][0].seq if len(rows) > limit else None
        items = [PaymentItem.model_validate(_plain(row, code, claim)) for row, code, claim in rows[:limit]]
        return PaymentPage(items=items, next=more)

    async def ledger(self, reader: LedgerReader, code: str | None, before: int | None, limit: int) -> LedgerPage:
        """Postings, newest first. Names no claimant."""
        query = select(PostingRow).join(FundRow, FundRow.seq == PostingRow.fund_seq).where(reader.funds)
        if code is not None:
            query = query.where(FundRow.currency == code)
        async with self._database.read() as session:
            rows, more = await newest_rows(session, query, PostingRow.seq, before, limit)
            items = await posting_views(session, rows)
        return LedgerPage(items=items, next=more)

    async def view(self, session: AsyncSession, office: RedressOffice, row: FundPaymentRow) -> Payment:
        """A payment, opened for somebody of its office."""
        _, code, claim = (await session.execute(_with_names().where(FundPaymentRow.seq == row.seq))).one()
        postings = select(PostingRow.id).where(PostingRow.payment_seq == row.seq).order_by(PostingRow.seq)
        ids = (await session.scalars(postings)).all()
        told = {"payee": None, "note": None} if row.erased_at else self.open(row).model_dump()
        return Payment.model_validate(_plain(row, code, claim) | told | {"postings": ids, "moves": _moves(office, row)})

    def open(self, row: FundPaymentRow) -> Words:
        """What of it is sealed."""
        key = self._keys.subject(row.member, row.wrapped_key)
        return Words.model_validate_json(key.open(row.told, f"fund-payment/{row.id}"))

    def seal(self, row: FundPaymentRow, words: Words) -> bytes:
        """The same, for the table."""
        key = self._keys.subject(row.member, row.wrapped_key)
        return key.seal(words.model_dump_json().encode(), f"fund-payment/{row.id}")


async def find_payment(session: AsyncSession, office: RedressOffice, payment_id: str) -> FundPaymentRow:
    """One of this office's payments, as it is now.

    Raises:
        PaymentUnknownError: there is none.
    """
    query = select(FundPaymentRow).where(FundPaymentRow.id == payment_id, office.payments)
    row = await session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise PaymentUnknownError("there is no such payment")
    return row


async def posting_views(session: AsyncSession, rows: Sequence[PostingRow]) -> list[LedgerPosting]:
    """Postings with their lines."""
    seqs = [row.seq for row in rows]
    lines = await lines_of(session, seqs)
    other = aliased(PostingRow)
    query = select(PostingRow.seq, FundRow, other.id).join(FundRow, FundRow.seq == PostingRow.fund_seq)
    query = query.outerjoin(other, other.seq == PostingRow.reverses).where(PostingRow.seq.in_(seqs))
    known = {seq: (fund, reverses) for seq, fund, reverses in await session.execute(query)}
    return [_posting(row, *known[row.seq], lines[row.seq]) for row in rows]


def _posting(row: PostingRow, fund: FundRow, reverses: str | None, lines: Sequence[PostingLineRow]) -> LedgerPosting:
    plain = {name: getattr(row, name) for name in ("id", "number", "kind", "at", "by", "reason")}
    whose = {name: getattr(fund, name) for name in ("member", "organisation", "currency")}
    shown = [LedgerLine.model_validate(line, from_attributes=True) for line in lines]
    return LedgerPosting.model_validate(plain | whose | {"reverses": reverses, "lines": shown})


def _balance(fund: FundRow, last: dict[str, PostingLineRow]) -> FundBalance:
    held = {account: last[account].balance if account in last else 0 for account in (AVAILABLE, RESERVED, PAID_OUT)}
    contributed = -sum(line.balance for account, line in last.items() if is_donor(account))
    return FundBalance(
        organisation=fund.organisation,
        currency=fund.currency,
        digits=currency(fund.currency).digits,
        contributed=contributed,
        **held,
    )


def _with_names() -> Any:
    query = select(FundPaymentRow, FundRow.currency, ClaimRow.id)
    return query.join(FundRow, FundRow.seq == FundPaymentRow.fund_seq).outerjoin(
        ClaimRow, ClaimRow.seq == FundPaymentRow.claim_seq
    )


def _plain(row: FundPaymentRow, code: str, claim: str | None) -> dict[str, Any]:
    names = ("id", "amount", "kind", "state", "about", "proposed_by", "proposed_at", "decided_by", "decided_at")
    erased_on = row.erased_at.date() if row.erased_at else None
    return {name: getattr(row, name) for name in names} | {"currency": code, "claim": claim, "erased_on": erased_on}


def _moves(office: RedressOffice, row: FundPaymentRow) -> list[MoveOffered]:
    if row.state != PaymentState.PROPOSED.value:
        return []
    found = ["cancel"] if row.proposed_by == office.person else ["release", "cancel"]
    return [MoveOffered(move=move, codes=[]) for move in found]
