"""Proves that a ledger adds up: every statement here finds what must not be there, and finds nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Select, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.registry.redress.fund_tables import FundPaymentRow, FundRow, PostingLineRow, PostingRow
from services.registry.redress.postings import PAID_OUT, RESERVED
from services.registry.redress.tables import ClaimRow
from shared.contracts.fund import PaymentState, PostingKind
from shared.contracts.redress import Forum
from shared.db.database import Database

_MOST: Final = 100
_Line, _Posting, _Payment = PostingLineRow, PostingRow, FundPaymentRow
_IS_DONOR: Final = func.substr(_Line.account, 1, 6) == "donor:"


@dataclass(frozen=True)
class LedgerFinding:
    """A rule that does not hold, and where: ids of a posting, payment or claim, or a fund and account."""

    rule: str
    where: str


@dataclass
class LedgerVerification:
    """What was looked at, and what does not add up."""

    funds: int = 0
    postings: int = 0
    payments: int = 0
    findings: list[LedgerFinding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Everything adds up."""
        return not self.findings


async def verify_ledger(database: Database) -> LedgerVerification:
    """Look at every fund of a registry's database, in one view of it; at most a hundred findings of each rule."""
    found = LedgerVerification()
    async with database.read() as session:
        if session.get_bind().dialect.name == "postgresql":  # SQLite's read transaction is one view already
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        for name, table in (("funds", FundRow), ("postings", _Posting), ("payments", _Payment)):
            setattr(found, name, await session.scalar(select(func.count()).select_from(table)))
        found.findings = await find_faults(session)
    return found


async def find_faults(session: AsyncSession) -> list[LedgerFinding]:
    """What does not add up, rule by rule."""
    found = []
    for rule, statement in _rules().items():
        places = (await session.scalars(statement.limit(_MOST))).all()
        found += [LedgerFinding(rule, str(place)) for place in places]
    return found


def _rules() -> Mapping[str, Select[Any]]:
    return {
        "lines_add_up_to_zero": _unbalanced(),
        "lines_lie_in_the_postings_fund": _strayed(),
        "postings_are_numbered_without_a_gap": _gaps(_Posting.fund_seq, _Posting.number),
        "lines_are_numbered_without_a_gap": _gaps(_Line.fund_seq, _Line.number, _Line.account),
        "balances_are_sums": _wrong_balances(),
        "nothing_is_below_zero": _overdrawn(),
        "a_payment_has_its_postings": _payments_without_their_postings(),
        "two_persons_paid": _single_handed(),
        "reserved_is_what_is_proposed": _fund_not(RESERVED, (PaymentState.PROPOSED,)),
        "paid_out_is_what_was_released": _fund_not(PAID_OUT, (PaymentState.RELEASED,)),
        "claims_received_what_was_released": _claims_not_paid(),
        "a_reversal_reverses": _strange_reversals(),
    }


def _unbalanced() -> Select[Any]:
    query = select(_Posting.id).outerjoin(_Line, _Line.posting_seq == _Posting.seq).group_by(_Posting.id)
    return query.having(or_(func.coalesce(func.sum(_Line.amount), 1) != 0, func.count(_Line.seq) < 2))


def _strayed() -> Select[Any]:
    query = select(_Posting.id).join(_Line, _Line.posting_seq == _Posting.seq)
    return query.where(_Line.fund_seq != _Posting.fund_seq)


def _gaps(fund: Any, number: Any, account: Any = None) -> Select[Any]:
    """Funds (and accounts) whose numbers are not 1 to as many as there are."""
    where = literal("fund ") + FundRow.currency + literal(" of ") + FundRow.organisation
    parts = [FundRow.currency, FundRow.organisation, FundRow.seq]
    if account is not None:
        where, parts = where + literal(", ") + account, [*parts, account]
    query = select(where).select_from(FundRow).join(number.class_, FundRow.seq == fund).group_by(*parts)
    return query.having(or_(func.count() != func.max(number), func.min(number) != 1))


def _wrong_balances() -> Select[Any]:
    running = func.sum(_Line.amount).over(partition_by=(_Line.fund_seq, _Line.account), order_by=_Line.number)
    summed = select(_Line.posting_seq, _Line.balance, running.label("running")).subquery()
    query = select(_Posting.id).join(summed, summed.c.posting_seq == _Posting.seq)
    return query.where(summed.c.balance != summed.c.running)


def _overdrawn() -> Select[Any]:
    query = select(_Posting.id).join(_Line, _Line.posting_seq == _Posting.seq)
    return query.where(or_(and_(~_IS_DONOR, _Line.balance < 0), and_(_IS_DONOR, _Line.balance > 0)))


def _payments_without_their_postings() -> Select[Any]:
    """Of each state, which postings a payment has: each once, of its amount and fund."""
    wanted = {
        PaymentState.PROPOSED: {PostingKind.RESERVATION},
        PaymentState.RELEASED: {PostingKind.RESERVATION, PostingKind.RELEASE},
        PaymentState.CANCELLED: {PostingKind.RESERVATION, PostingKind.CANCELLATION},
        PaymentState.REVERSED: {PostingKind.RESERVATION, PostingKind.RELEASE, PostingKind.REVERSAL},
    }
    kinds = [kind for kind in PostingKind if kind is not PostingKind.CONTRIBUTION]
    moved = _moved()
    right = (moved.c.amount == _Payment.amount) & (_Posting.fund_seq == _Payment.fund_seq)
    counts = {kind: func.sum(case((right & (_Posting.kind == kind.value), 1), else_=0)) for kind in kinds}
    as_wanted = [
        and_(
            _Payment.state == state.value,
            func.count(_Posting.seq) == len(some),
            *(counts[kind] == int(kind in some) for kind in kinds),
        )
        for state, some in wanted.items()
    ]
    query = select(_Payment.id).outerjoin(_Posting, _Posting.payment_seq == _Payment.seq)
    query = query.outerjoin(moved, moved.c.posting_seq == _Posting.seq)
    return query.group_by(_Payment.id, _Payment.state).having(~or_(*as_wanted))


def _single_handed() -> Select[Any]:
    """Who reserved and who released, by the postings, not by what the payment says."""
    first, second = aliased(_Posting), aliased(_Posting)
    query = select(_Payment.id)
    for posting, kind in ((first, PostingKind.RESERVATION), (second, PostingKind.RELEASE)):
        query = query.join(posting, (posting.payment_seq == _Payment.seq) & (posting.kind == kind.value))
    return query.where(first.by == second.by)


def _fund_not(account: str, states: tuple[PaymentState, ...]) -> Select[Any]:
    """Funds in which an account is not the sum of the payments in some states."""
    held = func.coalesce(
        select(func.sum(_Line.amount)).where(_Line.fund_seq == FundRow.seq, _Line.account == account).scalar_subquery(),
        0,
    )
    promised = func.coalesce(
        select(func.sum(_Payment.amount))
        .where(_Payment.fund_seq == FundRow.seq, _Payment.state.in_([state.value for state in states]))
        .scalar_subquery(),
        0,
    )
    return select(literal("fund ") + FundRow.currency + literal(" of ") + FundRow.organisation).where(held != promised)


def _claims_not_paid() -> Select[Any]:
    released = func.coalesce(
        select(func.sum(_Payment.amount))
        .where(_Payment.claim_seq == ClaimRow.seq, _Payment.state == PaymentState.RELEASED.value)
        .scalar_subquery(),
        0,
    )
    return select(ClaimRow.id).where(ClaimRow.forum == Forum.FUND.value, ClaimRow.received != released)


def _strange_reversals() -> Select[Any]:
    """What reverses nothing, another fund's or payment's posting, another amount, or what cannot be reversed."""
    other, own, others = aliased(_Posting), _moved(), _moved()
    query = select(_Posting.id).outerjoin(other, other.seq == _Posting.reverses)
    query = query.outerjoin(own, own.c.posting_seq == _Posting.seq).outerjoin(others, others.c.posting_seq == other.seq)
    fits = and_(
        _Posting.kind == PostingKind.REVERSAL.value,
        other.kind.in_([PostingKind.CONTRIBUTION.value, PostingKind.RELEASE.value]),
        other.fund_seq == _Posting.fund_seq,
        func.coalesce(other.payment_seq, 0) == func.coalesce(_Posting.payment_seq, 0),
        own.c.amount == others.c.amount,
    )
    reverses = or_(_Posting.kind == PostingKind.REVERSAL.value, _Posting.reverses.is_not(None))
    return query.where(reverses, case((fits, 0), else_=1) == 1)


def _moved() -> Subquery:
    """How much each posting moved."""
    query = select(_Line.posting_seq, func.max(_Line.amount).label("amount"))
    return query.group_by(_Line.posting_seq).subquery()
