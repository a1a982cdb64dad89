"""The aid fund: contributions, payments that one person proposes and another releases, reversals.

Locks are taken in one order: the fund, then the claim. A payment changes only while its fund is locked.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import WrittenMeanwhileError
from services.registry.redress.claim_rows import find_claim, note, pay, take_back
from services.registry.redress.fund_tables import FundPaymentRow, FundRow, PostingRow
from services.registry.redress.fund_views import (
    FundReading,
    PostingUnknownError,
    Words,
    find_payment,
    posting_views,
)
from services.registry.redress.ledger import Entry, Ledger, lines_of
from services.registry.redress.offices import RedressOffice
from services.registry.redress.postings import amounts_of, reversed_amounts
from services.registry.redress.rules import moved, payment_move
from services.registry.redress.tables import ClaimRow
from services.registry.workers.store import IdempotencyConflictError
from shared.contracts.fund import (
    ContributionBody,
    LedgerPosting,
    Payment,
    PaymentBody,
    PaymentState,
    PostingKind,
    ReversalReason,
)
from shared.contracts.redress import ClaimMove, ClaimState, Forum
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now

_CONFLICT: Final = "this Idempotency-Key was used for another request; take a new one"
_REVERSIBLE: Final = frozenset({PostingKind.CONTRIBUTION.value, PostingKind.RELEASE.value})


class SamePersonError(Exception):
    """Whoever proposed a payment does not release it."""


class PaymentDecidedError(Exception):
    """The payment was released or cancelled before, by somebody else or otherwise."""


class NotTheFundsClaimError(Exception):
    """The claim is before another forum, or in another currency."""


class NotReversibleError(Exception):
    """Not a contribution or a release, or reversed already."""


class Fund:
    """Takes contributions in and pays out.

    Args:
        database: the registry's.
        keys: sealing keys per member.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys
        self._reading = FundReading(database, keys)

    async def contribute(self, office: RedressOffice, key: str, body: ContributionBody) -> LedgerPosting:
        """Take in what a donor gave; once for each idempotency key.

        Raises:
            IdempotencyConflictError: the key was used for another contribution.
        """
        amounts = amounts_of(PostingKind.CONTRIBUTION, body.amount, body.donor)
        async with self._writing() as session:
            ledger = await Ledger.opened(session, office, body.currency)
            same_key = select(PostingRow).filter_by(fund_seq=ledger.fund.seq, idempotency_key=key)
            posting = await session.scalar(same_key)
            if posting is None:
                posting = await ledger.post(Entry(PostingKind.CONTRIBUTION, amounts, key=key), office.person)
            elif {
                line.account: line.amount for line in (await lines_of(session, [posting.seq]))[posting.seq]
            } != amounts:
                raise IdempotencyConflictError(_CONFLICT)
            return (await posting_views(session, [posting]))[0]

    async def propose(self, office: RedressOffice, key: str, body: PaymentBody) -> Payment:
        """Reserve the money of a payment until another person releases it; once for each idempotency key.

        Raises:
            IdempotencyConflictError: the key was used for another payment.
            InsufficientFundsError: there is not so much available.
            ClaimUnknownError, NotTheFundsClaimError, IllegalClaimMoveError, MoreThanGrantedError: of an award.
        """
        async with self._writing() as session:
            ledger = await Ledger.opened(session, office, body.currency)
            same_key = select(FundPaymentRow).where(office.payments, FundPaymentRow.idempotency_key == key)
            row = await session.scalar(same_key)
            if row is not None:
                payment = await self._reading.view(session, office, row)
                if payment.model_dump(include=set(PaymentBody.model_fields)) != body.model_dump():
                    raise IdempotencyConflictError(_CONFLICT)
                return payment
            claim = await self._payable_claim(session, office, body)
            row = self._row(office, ledger.fund, key, body, claim)
            session.add(row)
            await session.flush()
            amounts = amounts_of(PostingKind.RESERVATION, body.amount)
            await ledger.post(Entry(PostingKind.RESERVATION, amounts, row), office.person)
            return await self._reading.view(session, office, row)

    async def release(self, office: RedressOffice, payment_id: str) -> Payment:
        """Pay what another person proposed. Asked again by the same person, it is not paid again.

        Raises:
            PaymentUnknownError.
            SamePersonError: this person proposed it.
            PaymentDecidedError: it was released or cancelled before.
            IllegalClaimMoveError, MoreThanGrantedError: the claim is not to be paid any more.
        """
        return await self._decide(office, payment_id, PaymentState.RELEASED, PostingKind.RELEASE)

    async def cancel(self, office: RedressOffice, payment_id: str) -> Payment:
        """Do not pay what was proposed: the money is available again. Anybody of the office may.

        Raises:
            PaymentUnknownError.
            PaymentDecidedError: it was released or cancelled before.
        """
        return await self._decide(office, payment_id, PaymentState.CANCELLED, PostingKind.CANCELLATION)

    async def reverse(self, office: RedressOffice, posting_id: str, reason: ReversalReason) -> LedgerPosting:
        """Take a contribution or a release back, by another posting.

        Raises:
            PostingUnknownError: none, or not this office's.
            NotReversibleError: another kind, or reversed before.
            InsufficientFundsError: the contribution is spent or reserved.
        """
        async with self._writing() as session:
            own = (FundRow.member == office.member) & (FundRow.organisation == office.organisation)
            query = select(PostingRow).join(FundRow, FundRow.seq == PostingRow.fund_seq)
            posting = await session.scalar(query.where(PostingRow.id == posting_id, own))
            if posting is None:
                raise PostingUnknownError("there is no such posting")
            ledger = await Ledger.of(session, posting.fund_seq)
            reversal = await session.scalar(select(PostingRow).filter_by(reverses=posting.seq))
            if reversal is None:
                reversal = await self._reverse(session, office, ledger, posting, reason)
            elif (reversal.by, reversal.reason) != (office.person, reason.value):
                raise NotReversibleError("it was reversed before")
            return (await posting_views(session, [reversal]))[0]

    async def _decide(self, office: RedressOffice, payment_id: str, state: PaymentState, kind: PostingKind) -> Payment:
        async with self._writing() as session:
            ledger = await Ledger.of(session, (await find_payment(session, office, payment_id)).fund_seq)
            row = await find_payment(session, office, payment_id)
            if row.state == PaymentState.PROPOSED.value:
                if state is PaymentState.RELEASED:
                    await self._pay(session, office, row)
                row.state, row.decided_by, row.decided_at = state.value, office.person, now()
                await ledger.post(Entry(kind, amounts_of(kind, row.amount), row), office.person)
            elif (row.state, row.decided_by) != (state.value, office.person):
                raise PaymentDecidedError(f"the payment is {row.state} already")
            return await self._reading.view(session, office, row)

    async def _pay(self, session: AsyncSession, office: RedressOffice, row: FundPaymentRow) -> None:
        if row.proposed_by == office.person:
            raise SamePersonError("a second person releases what was proposed")
        if row.claim_seq is not None:
            claim = await session.get_one(ClaimRow, row.claim_seq, with_for_update=True)
            note(session, claim, pay(claim, row.amount), office.person, day=now().date(), amount=row.amount)

    async def _reverse(
        self, session: AsyncSession, office: RedressOffice, ledger: Ledger, posting: PostingRow, reason: ReversalReason
    ) -> PostingRow:
        if posting.kind not in _REVERSIBLE:
            raise NotReversibleError("contributions and releases are reversed")
        lines = (await lines_of(session, [posting.seq]))[posting.seq]
        payment = await session.get(FundPaymentRow, posting.payment_seq) if posting.payment_seq else None
        if payment is not None:
            payment.state = PaymentState.REVERSED.value
        if payment is not None and payment.claim_seq is not None:
            claim = await session.get_one(ClaimRow, payment.claim_seq, with_for_update=True)
            move = take_back(claim, payment.amount)
            note(session, claim, move, office.person, day=now().date(), amount=payment.amount)
        amounts = reversed_amounts({line.account: line.amount for line in lines})
        return await ledger.post(Entry(PostingKind.REVERSAL, amounts, payment, posting, reason), office.person)

    async def _payable_claim(self, session: AsyncSession, office: RedressOffice, body: PaymentBody) -> ClaimRow | None:
        """The claim of an award: what was granted, less what is paid and what is proposed, is at least the amount."""
        if body.claim is None:
            return None
        claim = await find_claim(session, office, body.claim, lock=True)
        if (claim.forum, claim.currency) != (Forum.FUND.value, body.currency):
            raise NotTheFundsClaimError("the fund pays what it decided itself, in the claim's currency")
        moved(ClaimState(claim.state), ClaimMove.PAY_PART)
        proposed = select(func.coalesce(func.sum(FundPaymentRow.amount), 0)).filter_by(
            claim_seq=claim.seq, state=PaymentState.PROPOSED.value
        )
        payment_move(claim.granted or 0, claim.received + int(await session.scalar(proposed) or 0), body.amount)
        return claim

    def _row(
        self, office: RedressOffice, fund: FundRow, key: str, body: PaymentBody, claim: ClaimRow | None
    ) -> FundPaymentRow:
        row = FundPaymentRow(
            id=f"Y{secrets.token_hex(12)}",
            fund_seq=fund.seq,
            member=office.member,
            organisation=office.organisation,
            idempotency_key=key,
            kind=body.kind.value,
            amount=body.amount,
            claim_seq=claim.seq if claim else None,
            about=body.about,
            subject=body.about or (claim and (claim.about or claim.id)),
            state=PaymentState.PROPOSED.value,
            wrapped_key=self._keys.new_subject_key(office.member),
            proposed_by=office.person,
            proposed_at=now(),
        )
        row.told = self._reading.seal(row, Words(payee=body.payee, note=body.note))
        return row

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction. The same key for two currencies at once is the one thing that a fund's lock does not order.

        Raises:
            WrittenMeanwhileError: that.
        """
        try:
            async with self._database.write() as session:
                yield session
        except IntegrityError as error:
            raise WrittenMeanwhileError("the same was written at the same time; send it again") from error
