"""Whose claims and whose fund: victim support's, each organisation its own."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from services.registry.redress.fund_tables import FundPaymentRow, FundRow
from services.registry.redress.tables import ClaimRow
from shared.contracts.caller import Caller, Purpose, Role


class NotARedressOfficeError(Exception):
    """This role neither claims for workers nor pays them."""


@dataclass(frozen=True)
class RedressOffice:
    """Who asks, and of which office."""

    person: str
    member: str
    organisation: str

    @property
    def claims(self) -> ColumnElement[bool]:
        """Claims that are theirs."""
        return (ClaimRow.member == self.member) & (ClaimRow.organisation == self.organisation)

    @property
    def payments(self) -> ColumnElement[bool]:
        """Payments that are theirs."""
        return (FundPaymentRow.member == self.member) & (FundPaymentRow.organisation == self.organisation)


@dataclass(frozen=True)
class LedgerReader:
    """Whose ledgers somebody reads: their own office's, or, as an auditor, all of their member's."""

    member: str
    organisation: str | None

    @property
    def funds(self) -> ColumnElement[bool]:
        """Funds that they read."""
        mine = FundRow.member == self.member
        return mine if self.organisation is None else mine & (FundRow.organisation == self.organisation)


def redress_office(caller: Caller) -> RedressOffice:
    """The office that a caller is of.

    Raises:
        NotARedressOfficeError: another role or purpose.
    """
    if (caller.role, caller.purpose) != (Role.VICTIM_SUPPORT, Purpose.VICTIM_SUPPORT):
        raise NotARedressOfficeError("for victim support")
    return RedressOffice(caller.person, caller.member, caller.organisation)


def ledger_reader(caller: Caller) -> LedgerReader:
    """Whose ledgers a caller reads.

    Raises:
        NotARedressOfficeError: another role or purpose.
    """
    if (caller.role, caller.purpose) == (Role.AUDITOR, Purpose.AUDIT):
        return LedgerReader(caller.member, None)
    office = redress_office(caller)
    return LedgerReader(office.member, office.organisation)
