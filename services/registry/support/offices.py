"""Whose cases are whose to see, and who reads them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select

from services.registry.adjudication.people import name_of
from services.registry.admission import require_purpose
from services.registry.history import DayToComeError
from services.registry.indicators.store import CHILD_OFFICE
from services.registry.indicators.tables import AssessmentRow
from services.registry.referrals.tables import ReferralRow
from services.registry.support.tables import SupportCaseRow
from services.registry.workers.tables import RegistrationRow
from shared.contracts.caller import Caller, Purpose, Role
from shared.db.database import now
from shared.standards.indicators.rules import Answer

_SUPPORT: Final = "support"
_OFFICES: Final = {
    (Role.VICTIM_SUPPORT, Purpose.VICTIM_SUPPORT): _SUPPORT,
    (Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION): CHILD_OFFICE,
}


class NoSupportOfficeError(Exception):
    """This role supports nobody."""


@dataclass(frozen=True)
class Supporter:
    """Somebody of an office that supports people.

    A child's case is child protection's, whoever opened it: for those it is gone. Whether it is a child's is asked
    whenever a case is looked for, of the case, of the conversation that its lead is from, and of the registration.
    """

    caller: Caller
    office: str
    today: date

    @property
    def person(self) -> str:
        """What tells one person from another."""
        return name_of(self.caller)

    @property
    def protects_children(self) -> bool:
        """Whether they are of child protection."""
        return self.office == CHILD_OFFICE

    @property
    def shared_by(self) -> str:
        """Whose directory of providers it is: child protection has one, of the others each organisation its own."""
        return "" if self.protects_children else self.caller.organisation

    @property
    def rows(self) -> ColumnElement[bool]:
        """Cases that this office knows of."""
        case = SupportCaseRow
        mine = and_(case.member == self.caller.member, case.office == self.office)
        if self.protects_children:
            return and_(case.member == self.caller.member, or_(case.office == self.office, is_child()))
        return and_(mine, case.organisation == self.caller.organisation, ~is_child())

    @property
    def reading(self) -> ColumnElement[bool]:
        """Of these, the ones that this person reads."""
        case = SupportCaseRow
        stands_in = and_(case.stand_in == self.person, case.stand_in_until >= self.today)
        return and_(case.office == self.office, or_(case.manager == self.person, stands_in))

    def manager_of(self, row: SupportCaseRow) -> str | None:
        """Who manages a case; None: a child's, which nobody of child protection has taken yet."""
        return row.manager if row.office == self.office else None

    def stand_in_of(self, row: SupportCaseRow) -> str | None:
        """Who stands in today."""
        standing = row.office == self.office and row.stand_in_until is not None and row.stand_in_until >= self.today
        return row.stand_in if standing else None

    def reads(self, row: SupportCaseRow) -> bool:
        """Whether this person reads a case: its manager, or who stands in."""
        return self.person in {self.manager_of(row), self.stand_in_of(row)}

    def require_past(self, *days: date) -> None:
        """Days that are told have come; they begin in the east.

        Raises:
            DayToComeError: one has not.
        """
        if any(day > self.today + timedelta(days=1) for day in days):
            raise DayToComeError("this day has not come yet")


def supporter_of(caller: Caller) -> Supporter:
    """The office that a caller is of.

    Raises:
        NoSupportOfficeError: another role or purpose.
    """
    office = _OFFICES.get((caller.role, caller.purpose)) if caller.role and caller.purpose else None
    if office is None:
        raise NoSupportOfficeError("for victim support, and child protection")
    return Supporter(require_purpose(caller, {purpose for _, purpose in _OFFICES}), office, now().date())


def is_child() -> ColumnElement[bool]:
    """Whether a case is a child's by now."""
    case = SupportCaseRow
    referred = select(ReferralRow.assessment).where(ReferralRow.id == case.referral).scalar_subquery()
    told = exists().where(
        AssessmentRow.child == Answer.YES.value,
        or_(AssessmentRow.id == case.assessment, AssessmentRow.id == referred),
    )
    sealed = exists().where(RegistrationRow.id == case.registration, RegistrationRow.child_sealed.is_(True))
    return or_(case.child == Answer.YES.value, told, sealed)
