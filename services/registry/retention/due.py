"""What is due to be erased: its clock is over, nobody holds it, and nothing that goes on needs it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, Exists, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from services.registry.adjudication.tables import AdjudicationRow
from services.registry.redress.fund_tables import FundPaymentRow, PostingRow
from services.registry.redress.rules import ENDED
from services.registry.redress.tables import ClaimEventRow, ClaimRow
from services.registry.support.tables import SupportCaseRow
from services.registry.workers.tables import RegistrationRow
from shared.contracts.adjudication import AdjudicationState
from shared.contracts.fund import PaymentState
from shared.contracts.redress import ClaimMove
from shared.contracts.support import SupportCaseState

_OPEN_CASE: Final = SupportCaseState.OPEN.value
_UNDECIDED: Final = (AdjudicationState.OPEN.value, AdjudicationState.DEFERRED.value)


@dataclass(frozen=True)
class Over:
    """Of whom, and what is over: whatever ended before an instant. A hold counts to its last day.

    Attributes:
        member: whose records.
        before: the instant, UTC.
        today: the present day.
    """

    member: str
    before: datetime
    today: date

    def cases(self) -> Select[SupportCaseRow]:
        """Closed cases about which nothing is claimed, paid, proposed or decided upon."""
        case = SupportCaseRow
        ours = and_(case.member == self.member, case.erased_at.is_(None), case.state == SupportCaseState.CLOSED.value)
        claims = exists().where(
            ClaimRow.about == case.id,
            ClaimRow.member == self.member,
            ClaimRow.erased_at.is_(None),
            or_(~_ended(), ~self._free(ClaimRow.held_until), self._touched_claim()),
        )
        payments = exists().where(
            FundPaymentRow.subject == case.id,
            FundPaymentRow.member == self.member,
            or_(_proposed(), self._posted()),
        )
        decided_upon = exists().where(
            RegistrationRow.id == case.registration,
            AdjudicationRow.registration_seq == RegistrationRow.seq,
            AdjudicationRow.state.in_(_UNDECIDED),
        )
        over = and_(case.closed_at < self.before, self._free(case.held_until))
        return select(case).where(ours, over, ~claims, ~payments, ~decided_upon)

    def claims(self) -> Select[ClaimRow]:
        """Claims on which nothing is awaited, without a payment under way and of no open case."""
        ours = and_(ClaimRow.member == self.member, ClaimRow.erased_at.is_(None), _ended())
        payments = exists().where(FundPaymentRow.claim_seq == ClaimRow.seq, or_(_proposed(), self._posted()))
        over = and_(~self._touched_claim(), self._free(ClaimRow.held_until))
        return select(ClaimRow).where(ours, over, ~payments, ~self._kept_case(ClaimRow.about))

    def payments(self) -> Select[FundPaymentRow]:
        """Payments that are decided, of no claim that is kept and of no open case."""
        payment = FundPaymentRow
        ours = and_(payment.member == self.member, payment.erased_at.is_(None), ~_proposed())
        claims = exists().where(ClaimRow.seq == payment.claim_seq, ClaimRow.erased_at.is_(None))
        return select(payment).where(ours, ~self._posted(), ~claims, ~self._kept_case(payment.subject))

    def _free(self, held_until: InstrumentedAttribute[date | None]) -> ColumnElement[bool]:
        return or_(held_until.is_(None), held_until < self.today)

    def _touched_claim(self) -> Exists:
        """Something was done with the claim since; to hold it is none of it."""
        event = ClaimEventRow
        done = func.coalesce(event.move, "") != ClaimMove.HOLD.value
        return exists().where(event.claim_seq == ClaimRow.seq, event.at >= self.before, done)

    def _posted(self) -> Exists:
        """Money of the payment was moved since."""
        return exists().where(PostingRow.payment_seq == FundPaymentRow.seq, PostingRow.at >= self.before)

    def _kept_case(self, about: InstrumentedAttribute[str | None] | InstrumentedAttribute[str]) -> Exists:
        """Somebody works with the case that it is about, or holds it."""
        case = SupportCaseRow
        return exists().where(case.id == about, or_(case.state == _OPEN_CASE, ~self._free(case.held_until)))


def _ended() -> ColumnElement[bool]:
    return ClaimRow.state.in_([state.value for state in ENDED])


def _proposed() -> ColumnElement[bool]:
    return FundPaymentRow.state == PaymentState.PROPOSED.value
