"""Licences of recruitment agencies: status from day to day, and the file that an office keeps about a licensee."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.caller import Member
from shared.contracts.lines import Digest, Line, RecordId
from shared.contracts.provenance import Correction, Provenance

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""

Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=2)]


class LicenceStatus(StrEnum):
    """Whether a recruitment agency may recruit. `banned` is for good."""

    APPLIED = "applied"
    REFUSED = "refused"
    PROVISIONAL = "provisional"
    VALID = "valid"
    CONDITIONS = "conditions"
    SUSPENDED = "suspended"
    PREVENTIVE_SUSPENSION = "preventive_suspension"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DELISTED = "delisted"
    DENIED_RENEWAL = "denied_renewal"
    BANNED = "banned"


class LicenceAppeal(StrEnum):
    """What has become of the appeal against a decision on a licence."""

    NONE = "none"
    PENDING = "pending"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class LicenceBody(Provenance):
    """The status of a licence from one day to another; every one told is kept."""

    model_config = ConfigDict(extra="forbid")

    party: RecordId
    number: Line
    authority: Line
    status: LicenceStatus
    national_code: Line | None = Field(default=None, description="The authority's own word for the status, verbatim.")
    valid_from: date
    valid_to: date | None = Field(default=None, description="Last day; null: until told otherwise.")
    appeal: LicenceAppeal = LicenceAppeal.NONE
    effective_despite_appeal: bool = Field(
        default=False, description="The decision says that it takes effect although it is appealed."
    )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        return self


class LicenceCorrection(Correction):
    """A period that was wrongly told, struck; another in its place; or one that is told late, out of order."""

    strikes: Annotated[int, Field(ge=1)] | None = Field(default=None, description="The version that told the period.")
    instead: LicenceBody | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.strikes is None and self.instead is None:
            raise ValueError("a correction strikes a period, tells one, or both")
        return self


class LicenceRecord(LicenceBody):
    """A licence as the register holds it: the period last told."""

    id: str
    member: Member
    version: int


class LicencePeriod(BaseModel):
    """A status from one day to another, as it was told."""

    version: int
    told_at: datetime
    status: LicenceStatus
    national_code: str | None
    valid_from: date
    valid_to: date | None
    appeal: LicenceAppeal
    effective_despite_appeal: bool
    struck: bool = Field(description="A later correction took it back.")


class LicenceHistory(BaseModel):
    """A licence with everything that was told of its status."""

    id: str
    party: str
    number: str
    authority: str
    member: Member
    version: int
    periods: list[LicencePeriod]


class LicenceOnDay(BaseModel):
    """A licence as it stood on one day."""

    id: str
    number: str
    authority: str
    member: Member
    status: LicenceStatus
    national_code: str | None
    valid_from: date
    valid_to: date | None
    under_appeal: bool = Field(default=False, description="A decision against it is appealed and stayed for now.")


class LicencesOnDay(BaseModel):
    """A party's licences on one day; one that had not begun then is not among them."""

    party: str
    on: date
    licences: list[LicenceOnDay]


class Requirement(StrEnum):
    """What an agency must bring to be let in."""

    COMPANY_REGISTERED = "company_registered"
    PAID_UP_CAPITAL = "paid_up_capital"
    BOND = "bond"
    OFFICE_INSPECTED = "office_inspected"
    NO_CONVICTION = "no_conviction"
    QUALIFIED_MANAGER = "qualified_manager"
    NO_TRAVEL_BUSINESS = "no_travel_business"
    FEE_SCHEDULE = "fee_schedule"
    COMPLAINT_PROCEDURE = "complaint_procedure"
    TRAINING_CENTRE = "training_centre"


class RequirementCheck(BaseModel):
    """Whether a requirement was met, and when somebody looked."""

    model_config = ConfigDict(extra="forbid")

    requirement: Requirement
    met: bool
    checked_on: date
    document_digest: Digest | None = None


class Bond(BaseModel):
    """Money kept aside for workers' claims."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    currency: Currency
    held_by: Line
    since: date
    until: date | None = None
    released_on: date | None = None


class Payer(StrEnum):
    """Who pays a fee."""

    WORKER = "worker"
    EMPLOYER = "employer"


class Fee(BaseModel):
    """A fee that the agency charges, by its own schedule or as an inspection found."""

    model_config = ConfigDict(extra="forbid")

    payer: Payer
    amount: Amount
    currency: Currency
    destination: Member | None = None
    found_by_inspection: bool = False
    on: date


class ComplaintCount(BaseModel):
    """Complaints in a span of time: numbers only, nothing about who complained."""

    model_config = ConfigDict(extra="forbid")

    since: date
    until: date
    received: Annotated[int, Field(ge=0, le=1_000_000)]
    upheld: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    open: Annotated[int, Field(ge=0, le=1_000_000)] = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.until < self.since:
            raise ValueError("until is before since")
        if self.upheld + self.open > self.received:
            raise ValueError("more upheld and open than received")
        return self


class ParticularsBody(Provenance):
    """The file of a licence, whole: what is not in it is no longer so."""

    model_config = ConfigDict(extra="forbid")

    requirements: Annotated[list[RequirementCheck], Field(max_length=50)] = Field(default_factory=list)
    bonds: Annotated[list[Bond], Field(max_length=50)] = Field(default_factory=list)
    fees: Annotated[list[Fee], Field(max_length=200)] = Field(default_factory=list)
    complaints: Annotated[list[ComplaintCount], Field(max_length=200)] = Field(default_factory=list)
    source: Line


class Particulars(ParticularsBody):
    """The file of a licence as the register holds it. Complaints and fees charged are no finding against anybody."""

    licence: str
    member: Member
    version: int
    as_of: datetime
    label: str
    unmet: list[Requirement] = Field(description="Requirements not met, or not looked at yet.")


class PublicLicence(BaseModel):
    """What everybody may know of a licence: whose it is and how it stands today."""

    id: str
    party: str
    name: str
    number: str
    authority: str
    member: Member
    status: LicenceStatus
    national_code: str | None
    on: date


class PublicLicencePage(BaseModel):
    """Some licences, in the order of their ids."""

    results: list[PublicLicence]
    damaged: list[str] = Field(description="Ids of licences of this page that are stored but cannot be read.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")
