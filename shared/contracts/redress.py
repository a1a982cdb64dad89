"""Claims of workers: what is owed, how it is computed, before whom, what was decided, and what was paid."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.assessments import Note
from shared.contracts.caller import Member
from shared.contracts.lines import Digest, Line, RecordId
from shared.contracts.moves import MoveOffered
from shared.contracts.retention import Keeping
from shared.standards.ages import Sector
from shared.standards.currencies import currency
from shared.standards.wages import MOST_IN_A_MONTH, LineKind, WagePeriod

MOST: int = 10**15
"""Largest amount, minor units: exact in every JSON reader (below 2**53)."""

CurrencyCode = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(lambda code: currency(code).code)
]
"""ISO 4217, of the currencies that the region pays in."""

Amount = Annotated[int, Field(ge=0, le=MOST)]
"""Minor units of the currency: cents, or whole dong."""

Positive = Annotated[int, Field(ge=1, le=MOST)]

Quantity = Annotated[Decimal, Field(ge=0, le=744, decimal_places=2)]
"""Hours or days, to the hundredth."""

Month = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class ClaimKind(StrEnum):
    """What is claimed."""

    UNPAID_WAGES = "unpaid_wages"
    RECRUITMENT_FEES = "recruitment_fees"
    DAMAGES = "damages"


class Forum(StrEnum):
    """Before whom."""

    CIVIL = "civil"
    LABOUR = "labour"
    CRIMINAL = "criminal"
    FUND = "fund"
    """The aid fund of this office: what it decides it pays out of its ledger."""


class ClaimState(StrEnum):
    """How far a claim has got."""

    DRAFT = "draft"
    FILED = "filed"
    HEARD = "heard"
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    APPEALED = "appealed"
    PAID_IN_PART = "paid_in_part"
    PAID = "paid"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class ClaimMove(StrEnum):
    """What is done with a claim."""

    FILE = "file"
    HEAR = "hear"
    GRANT = "grant"
    GRANT_PARTLY = "grant_partly"
    REFUSE = "refuse"
    APPEAL = "appeal"
    PAY_PART = "pay_part"
    PAY = "pay"
    TAKE_BACK = "take_back"
    """Money that was paid came back."""
    ADD = "add"
    """Papers were added; the state stays."""
    HOLD = "hold"
    """It is kept until `day` at least, or no longer; the state stays."""
    CLOSE = "close"
    WITHDRAW = "withdraw"


class DocumentKind(StrEnum):
    """What a paper is."""

    CONTRACT = "contract"
    PAYSLIP = "payslip"
    TIME_RECORD = "time_record"
    BANK_STATEMENT = "bank_statement"
    RECEIPT = "receipt"
    STATEMENT = "statement"
    MEDICAL = "medical"
    DECISION = "decision"
    OTHER = "other"


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClaimDocument(_Told):
    """A paper by its digest; the paper stays with whoever holds it."""

    kind: DocumentKind
    digest: Digest


class WorkedMonthBody(_Told):
    """A calendar month of work."""

    month: Month
    worked: Quantity = Field(description="In the contract's periods: 1 month, 26 days, 208 hours. Without overtime.")
    overtime_hours: Quantity = Decimal(0)
    paid: Amount = Field(default=0, description="What reached the worker; what was deducted did not.")


class WagesBody(_Told):
    """What wages are computed from."""

    wage: Positive = Field(description="Of one period, minor units.")
    period: WagePeriod
    hours_a_day: Annotated[Decimal, Field(gt=0, le=24, decimal_places=2)]
    days_a_week: Annotated[Decimal, Field(gt=0, le=7, decimal_places=2)]
    overtime_rate: Annotated[Decimal, Field(ge=1, le=5, decimal_places=2)] = Decimal("1.5")
    months: Annotated[list[WorkedMonthBody], Field(min_length=1, max_length=240)]

    @model_validator(mode="after")
    def _a_month_is_a_month(self) -> Self:
        if len({each.month for each in self.months}) != len(self.months):
            raise ValueError("a month stands there twice")
        if any(each.worked > MOST_IN_A_MONTH[self.period] for each in self.months):
            raise ValueError(f"a month holds at most {MOST_IN_A_MONTH[self.period]} of this period")
        return self


class FeePaid(_Told):
    """Something that the worker paid for being placed."""

    what: Line
    amount: Positive
    paid_on: date | None = None


class FeesBody(_Told):
    """What fees above the lawful ones are computed from."""

    origin: Member
    destination: Member
    sector: Sector
    wage: Positive = Field(description="Of a month, by contract, minor units.")
    contract_months: Annotated[int, Field(ge=1, le=240)]
    asked_on: date = Field(description="By the rules of this day.")
    payments: Annotated[list[FeePaid], Field(min_length=1, max_length=100)]


class Damage(_Told):
    """A harm and what it comes to."""

    what: Line
    amount: Positive


class DamagesBody(_Told):
    """What damages are made of; nothing is computed but their sum."""

    items: Annotated[list[Damage], Field(min_length=1, max_length=100)]


class ClaimBody(_Told):
    """A claim: one of wages, fees and damages, in one currency."""

    about: RecordId | None = Field(default=None, description="The support case or complaint that it belongs to.")
    against: RecordId | None = Field(default=None, description="Employer or agency in the register, where known.")
    forum: Forum
    currency: CurrencyCode
    wages: WagesBody | None = None
    fees: FeesBody | None = None
    damages: DamagesBody | None = None
    documents: Annotated[list[ClaimDocument], Field(max_length=100)] = Field(default_factory=list)
    note: Note | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(each is not None for each in (self.wages, self.fees, self.damages)) != 1:
            raise ValueError("a claim is of wages, of fees or of damages, one of them")
        return self

    @property
    def kind(self) -> ClaimKind:
        """What is claimed."""
        if self.wages is not None:
            return ClaimKind.UNPAID_WAGES
        return ClaimKind.RECRUITMENT_FEES if self.fees is not None else ClaimKind.DAMAGES


class ClaimStep(_Told):
    """A move that no money and no decision belongs to."""

    move: Literal[ClaimMove.FILE, ClaimMove.HEAR, ClaimMove.APPEAL, ClaimMove.CLOSE, ClaimMove.WITHDRAW]
    day: date
    authority: Line | None = None
    reference: Line | None = None
    note: Note | None = None


class DecisionBody(_Told):
    """What the forum decided; `amount` of a claim granted in part."""

    outcome: Literal[ClaimState.GRANTED, ClaimState.PARTLY_GRANTED, ClaimState.REFUSED]
    amount: Positive | None = None
    day: date
    authority: Line
    reference: Line
    note: Note | None = None

    @model_validator(mode="after")
    def _amount_in_part(self) -> Self:
        if (self.amount is not None) != (self.outcome is ClaimState.PARTLY_GRANTED):
            raise ValueError("an amount is told of a claim that is granted in part, and of no other")
        return self


class ReceiptBody(_Told):
    """Money that reached the claimant because of a decision; of the aid fund the ledger tells it."""

    amount: Positive
    day: date
    reference: Line
    note: Note | None = None


class ClaimDocumentsBody(_Told):
    """More papers."""

    documents: Annotated[list[ClaimDocument], Field(min_length=1, max_length=100)]


class ComputedLine(BaseModel):
    """`quantity` times `rate` is `amount`, rounded half up."""

    kind: LineKind
    of: str = Field(description="The month, the payment or the harm.")
    quantity: Decimal
    rate: Decimal = Field(description="Minor units, shown to four places; the amount is computed from the exact rate.")
    amount: int = Field(description="Minor units; negative is taken off.")


class Computation(BaseModel):
    """How the amount comes about: the lines add up to the total."""

    currency: str
    digits: int = Field(description="Of the minor unit, ISO 4217.")
    lines: list[ComputedLine]
    total: int
    rules: list[str] = Field(description="Rules that set what may be asked, with their basis.")
    confirmed: bool = Field(description="All these rules were read in their source.")


class ClaimEvent(BaseModel):
    """Something done with a claim."""

    state: ClaimState
    move: ClaimMove | None = Field(description="Null: it was drafted.")
    at: datetime
    by: str
    day: date | None
    amount: int | None
    authority: str | None
    reference: str | None
    note: str | None


class ClaimItem(BaseModel):
    """A claim in a list."""

    id: str
    member: Member
    kind: ClaimKind
    forum: Forum
    state: ClaimState
    about: str | None
    against: str | None
    currency: str
    claimed: int
    granted: int | None
    received: int
    opened_at: datetime
    erased_on: date | None = Field(
        description="What it held of the person is gone since, amounts are left; null: it is kept."
    )


class Claim(ClaimItem):
    """A claim, whole."""

    wages: WagesBody | None
    fees: FeesBody | None
    damages: DamagesBody | None
    documents: list[ClaimDocument]
    note: str | None
    computation: Computation
    events: list[ClaimEvent]
    keeping: Keeping
    moves: list[MoveOffered] = Field(
        description="What can be told of it now; of the fund's claims its ledger tells payments."
    )


class ClaimPage(BaseModel):
    """Some claims, newest first."""

    items: list[ClaimItem]
    next: int | None = Field(description="The `before` of the next page; null on the last.")
