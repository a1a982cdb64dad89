"""The aid fund: what came in, what is reserved, what was paid, and what donors are told of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.assessments import Note
from shared.contracts.caller import Member
from shared.contracts.lines import Line, RecordId
from shared.contracts.moves import MoveOffered
from shared.contracts.redress import CurrencyCode, Positive

AccountName = Annotated[str, StringConstraints(pattern=r"^(available|reserved|paid_out|donor:[A-Za-z0-9._:-]{1,64})$")]


class PaymentKind(StrEnum):
    """What the fund pays for."""

    AWARD = "award"
    """A claim that the fund decided."""
    EMERGENCY = "emergency"
    MEDICAL = "medical"
    LEGAL = "legal"
    TRAVEL = "travel"
    LIVELIHOOD = "livelihood"


class PaymentState(StrEnum):
    """How far a payment has got."""

    PROPOSED = "proposed"
    RELEASED = "released"
    CANCELLED = "cancelled"
    REVERSED = "reversed"


class PostingKind(StrEnum):
    """Why money was moved from account to account."""

    CONTRIBUTION = "contribution"
    RESERVATION = "reservation"
    RELEASE = "release"
    CANCELLATION = "cancellation"
    REVERSAL = "reversal"


class ReversalReason(StrEnum):
    """Why a posting was taken back by another."""

    ENTERED_IN_ERROR = "entered_in_error"
    RETURNED_BY_BANK = "returned_by_bank"
    REFUNDED = "refunded"


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContributionBody(_Told):
    """Money that a donor gave and the bank has."""

    currency: CurrencyCode
    amount: Positive
    donor: RecordId = Field(description="A code; no name of a private person.")


class PaymentBody(_Told):
    """A payment that one person proposes and another releases."""

    currency: CurrencyCode
    amount: Positive
    kind: PaymentKind
    claim: RecordId | None = Field(default=None, description="Of an award: the claim that the fund decided.")
    about: RecordId | None = Field(default=None, description="Of anything else: the support case or complaint.")
    payee: Line = Field(description="Where the money goes. Sealed.")
    note: Note | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.kind is PaymentKind.AWARD) != (self.claim is not None) or (self.claim is None) == (self.about is None):
            raise ValueError("an award is for a claim, everything else about a support case or a complaint")
        return self


class ReversalBody(_Told):
    """Why a posting is taken back."""

    reason: ReversalReason


class FundBalance(BaseModel):
    """A fund in one currency, minor units. What was contributed is available, reserved or paid out."""

    organisation: str
    currency: str
    digits: int
    contributed: int
    available: int
    reserved: int
    paid_out: int


class FundList(BaseModel):
    """This office's fund, by currency."""

    items: list[FundBalance]


class PaymentItem(BaseModel):
    """A payment in a list."""

    id: str
    currency: str
    amount: int
    kind: PaymentKind
    state: PaymentState
    claim: str | None
    about: str | None
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = Field(description="Who released or cancelled it.")
    decided_at: datetime | None
    erased_on: date | None = Field(description="Payee, note and whom it is about are gone since; null: they are kept.")


class Payment(PaymentItem):
    """A payment, whole."""

    payee: str | None = Field(description="Null: erased.")
    note: str | None
    postings: list[str]
    moves: list[MoveOffered] = Field(description="What whoever reads it can do with it now: `release`, `cancel`.")


class PaymentPage(BaseModel):
    """Some payments, newest first."""

    items: list[PaymentItem]
    next: int | None = Field(description="The `before` of the next page; null on the last.")


class LedgerLine(BaseModel):
    """What a posting does to one account."""

    account: AccountName
    amount: int = Field(description="Minor units; the lines of a posting add up to zero.")
    balance: int = Field(description="Of the account after it.")


class LedgerPosting(BaseModel):
    """One entry of the ledger. Names no claimant."""

    id: str
    member: Member
    organisation: str
    currency: str
    number: int = Field(description="In this fund, without a gap.")
    kind: PostingKind
    at: datetime
    by: str
    reverses: str | None
    reason: ReversalReason | None
    lines: list[LedgerLine]


class LedgerPage(BaseModel):
    """Some postings, newest first."""

    items: list[LedgerPosting]
    next: int | None = Field(description="The `before` of the next page; null on the last.")


FEWEST: Final = 5
"""Below so many people, neither how many nor how much is told."""

Band = Literal["<5", "5-9", "10-19", "20-49", "50-99", "100+"]


class DonorRow(BaseModel):
    """What was paid in a month, of one kind or (`all`) together."""

    month: str
    currency: str
    kind: PaymentKind | Literal["all"]
    people: Band
    paid: str | None = Field(description="In whole units of the currency; null where it would tell of a few people.")


class DonorReport(BaseModel):
    """What donors are told: whole months that have ended, no persons."""

    results: list[DonorRow]
