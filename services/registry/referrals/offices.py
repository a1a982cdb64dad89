"""Which office a caller is of, and which referrals are theirs to see."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Exists, exists, false

from services.registry.admission import require_purpose
from services.registry.indicators.tables import AssessmentRow
from services.registry.referrals.rules import ABOUT_ADULTS
from services.registry.referrals.tables import ReferralRow
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.referrals import ReferralDirection, ReferralOffice
from shared.standards.indicators.rules import Answer

_CHILD: Final = ReferralOffice.CHILD_PROTECTION
_OFFICES: Final = {
    (Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION): ReferralOffice.LABOUR_INSPECTION,
    (Role.INVESTIGATOR, Purpose.CRIMINAL_INVESTIGATION): ReferralOffice.POLICE,
    (Role.VICTIM_SUPPORT, Purpose.VICTIM_SUPPORT): ReferralOffice.VICTIM_SERVICES,
    (Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION): _CHILD,
    (Role.LICENSING_OFFICER, Purpose.LICENCE_CHECK): ReferralOffice.LICENSING,
    (Role.PROSECUTOR, Purpose.CRIMINAL_INVESTIGATION): ReferralOffice.PROSECUTION,
    (Role.CONSULAR_OFFICER, Purpose.CONSULAR_ASSISTANCE): ReferralOffice.CONSULAR,
}
PURPOSE_OF: Final = {office: purpose for (_, purpose), office in _OFFICES.items()}
"""For what each office works: what two member states agree on when they let it refer."""


class NoReferringOfficeError(Exception):
    """This role neither refers nor is referred to."""


@dataclass(frozen=True)
class Referrer:
    """Who refers or is referred to.

    A child's referrals out are child protection's, whoever sent them: for the sender they are gone, as the child's
    assessment is; and for the receiver, unless it is child protection or heard of the child from there. The police
    and prosecution hear of no child.
    """

    caller: Caller
    office: ReferralOffice

    @property
    def sent(self) -> ColumnElement[bool]:
        """Rows that this office sees as their sender."""
        member = self.caller.member
        ours = (ReferralRow.member == member) & (ReferralRow.sender_member == member)
        mine = ours & (ReferralRow.sender == self.office.value)
        if self.office is _CHILD:
            received = (ReferralRow.receiver == _CHILD.value) & (ReferralRow.receiver_member == member)
            return mine | (ours & is_child() & ~received)
        return mine & (ReferralRow.sender_organisation == self.caller.organisation) & ~is_child()

    @property
    def received(self) -> ColumnElement[bool]:
        """Rows that this office sees as their receiver: those that nobody received yet, and its own."""
        member = self.caller.member
        ours = (ReferralRow.member == member) & (ReferralRow.receiver_member == member)
        mine = ours & (ReferralRow.receiver == self.office.value)
        if self.office is _CHILD:
            return mine
        taken = ReferralRow.receiver_organisation
        told_of_children = false() if self.office in ABOUT_ADULTS else ReferralRow.sender == _CHILD.value
        return mine & (taken.is_(None) | (taken == self.caller.organisation)) & (~is_child() | told_of_children)

    def rows(self, direction: ReferralDirection | None) -> ColumnElement[bool]:
        """Rows in a direction; None: in both."""
        if direction is None:
            return self.sent | self.received
        return self.received if direction is ReferralDirection.IN else self.sent

    def direction_of(self, row: ReferralRow) -> ReferralDirection:
        """Of a row that this office sees. No office refers to itself, but to its like in another member state."""
        if row.sender_member != row.receiver_member:
            return ReferralDirection.IN if row.receiver_member == row.member else ReferralDirection.OUT
        return ReferralDirection.IN if row.receiver == self.office.value else ReferralDirection.OUT


def referrer_of(caller: Caller) -> Referrer:
    """The office that a caller is of.

    Raises:
        NoReferringOfficeError: another role or purpose.
        PurposeNotAllowedError: an investigation without a case.
    """
    office = _OFFICES.get((caller.role, caller.purpose)) if caller.role and caller.purpose else None
    if office is None:
        raise NoReferringOfficeError(f"for {', '.join(each.value for each in ReferralOffice)}")
    return Referrer(require_purpose(caller, {purpose for _, purpose in _OFFICES}), office)


def is_child() -> Exists:
    """Rows about whom the assessment now says that it is a child."""
    return exists().where(AssessmentRow.id == ReferralRow.assessment, AssessmentRow.child == Answer.YES.value)
