"""Cases: how far a proceeding against a party has got, what was ordered, and what may be said because of it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.caller import Member
from shared.contracts.lines import Line, RecordId
from shared.contracts.provenance import Correction, Provenance


class Offence(StrEnum):
    """The closed list of offences."""

    TRAFFICKING_IN_PERSONS = "trafficking_in_persons"
    FORCED_LABOUR = "forced_labour"
    CHILD_LABOUR = "child_labour"
    PASSPORT_RETENTION = "passport_retention"
    WAGE_THEFT = "wage_theft"
    ILLEGAL_RECRUITMENT = "illegal_recruitment"
    EXCESSIVE_FEES = "excessive_fees"
    CONTRACT_SUBSTITUTION = "contract_substitution"
    DEBT_BONDAGE = "debt_bondage"
    DECEPTIVE_RECRUITMENT = "deceptive_recruitment"
    RESTRICTION_OF_MOVEMENT = "restriction_of_movement"
    OBSTRUCTION_OF_INSPECTION = "obstruction_of_inspection"


def _as_set(offences: list[Offence]) -> list[Offence]:
    return sorted(set(offences))


class Proceeding(StrEnum):
    """Before whom a case is: a criminal court, an authority that decides by itself, or a civil or labour court."""

    CRIMINAL = "criminal"
    ADMINISTRATIVE = "administrative"
    CIVIL = "civil"


class Stage(StrEnum):
    """How far a case has got. Of an administrative or civil case, `convicted` reads: decided against the party."""

    REPORTED = "reported"
    UNDER_INVESTIGATION = "under_investigation"
    CHARGED = "charged"
    ON_TRIAL = "on_trial"
    CONVICTED = "convicted"
    ACQUITTED = "acquitted"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Appeal(StrEnum):
    """What has become of the appeal against a conviction or decision."""

    NONE = "none"
    PENDING = "pending"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class LegalStatus(StrEnum):
    """What may be said of a party because of a case. Different words for different things, everywhere."""

    ALLEGED = "ALLEGED"
    CHARGED = "CHARGED"
    CONVICTED_APPEALABLE = "CONVICTED_APPEALABLE"
    CONVICTED_FINAL = "CONVICTED_FINAL"
    ACQUITTED = "ACQUITTED"
    WITHDRAWN = "WITHDRAWN"
    ADMIN_FINAL = "ADMIN_FINAL"
    CIVIL_FINAL = "CIVIL_FINAL"


class Measure(StrEnum):
    """What a court or an authority ordered."""

    IMPRISONMENT = "imprisonment"
    FINE = "fine"
    CONFISCATION = "confiscation"
    COMPENSATION = "compensation"
    BACK_PAY = "back_pay"
    CLOSURE = "closure"
    LICENCE_MEASURE = "licence_measure"
    RECRUITMENT_BAN = "recruitment_ban"
    PROCUREMENT_BAN = "procurement_ban"
    DIRECTOR_BAN = "director_ban"
    WARNING = "warning"


class SanctionBody(Provenance):
    """A criminal, administrative or civil sanction ordered in a case; they stand side by side."""

    model_config = ConfigDict(extra="forbid")

    kind: Proceeding
    measure: Measure
    amount: Decimal | None = Field(default=None, ge=0, max_digits=18, decimal_places=2)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = Field(
        default=None, description="ISO 4217, where there is an amount."
    )
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.amount is None) is not (self.currency is None):
            raise ValueError("an amount has a currency, and a currency an amount")
        if self.since and self.until and self.until < self.since:
            raise ValueError("until is before since")
        return self


class Sanction(SanctionBody):
    """A sanction, and whether it may be enforced on the day of the answer."""

    in_force: bool


class Provision(BaseModel):
    """A provision of national law that an offence of the list may fall under."""

    member: Member
    offence: Offence
    law: str
    provision: str
    source: str
    confidence: Literal["confirmed", "unconfirmed"]


class OffenceList(BaseModel):
    """The closed list of offences with what national law says about each."""

    offences: list[Offence]
    provisions: list[Provision]


class CaseBody(Provenance):
    """A case against a party, as it stands now."""

    model_config = ConfigDict(extra="forbid")

    party: RecordId
    offences: Annotated[list[Offence], Field(min_length=1, max_length=len(Offence)), AfterValidator(_as_set)]
    proceeding: Proceeding = Proceeding.CRIMINAL
    stage: Stage
    stage_on: date | None = Field(default=None, description="The day on which it reached this stage.")
    appeal: Appeal = Appeal.NONE
    appeal_on: date | None = Field(default=None, description="The day of the last step of the appeal.")
    stay: bool = Field(default=False, description="A pending appeal that stops the decision from taking effect.")
    opened_on: date
    final_on: date | None = Field(default=None, description="From this day no ordinary appeal is open any more.")
    court: Line | None = None
    sanctions: Annotated[list[SanctionBody], Field(max_length=50)] = Field(default_factory=list)
    source: Line

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.stage is not Stage.CONVICTED and (self.appeal is not Appeal.NONE or self.final_on is not None):
            raise ValueError("only a conviction or decision is appealed or becomes final")
        if self.stage is not Stage.CONVICTED and self.sanctions:
            raise ValueError("only a conviction or decision orders sanctions")
        if self.appeal is not Appeal.PENDING and self.stay:
            raise ValueError("only a pending appeal stays a decision")
        if self.appeal is Appeal.NONE and self.appeal_on is not None:
            raise ValueError("without an appeal there is no day of one")
        if self.final_on is not None and self.appeal is Appeal.PENDING:
            raise ValueError("nothing is final while an appeal is pending")
        return self._in_order()

    def _in_order(self) -> Self:
        if self.final_on is not None and self.final_on < self.opened_on:
            raise ValueError("final_on is before opened_on")
        if self.stage_on is not None and self.stage_on < self.opened_on:
            raise ValueError("stage_on is before opened_on")
        reached = self.stage_on or self.opened_on
        if self.appeal_on is not None and self.appeal_on < reached:
            raise ValueError("appeal_on is before the decision")
        if self.final_on is not None and self.stage_on is not None and self.final_on < self.stage_on:
            raise ValueError("final_on is before the decision")
        return self


class CaseCorrection(Correction):
    """A case as it should have been told, and why it was not."""

    case: CaseBody


class CaseRecord(Provenance):
    """A case as the register holds it, with what may be said of it on the day asked about."""

    id: str
    party: RecordId
    offences: list[Offence]
    proceeding: Proceeding
    stage: Stage
    stage_on: date | None
    appeal: Appeal
    appeal_on: date | None
    stay: bool
    opened_on: date
    final_on: date | None
    court: str | None
    sanctions: list[Sanction]
    provisions: list[Provision]
    source: str
    member: Member
    version: int
    as_of: datetime = Field(description="When its member last told of a change.")
    status: LegalStatus
    label: str
    proven: bool
    sealed: bool = Field(
        description="It fell away or its time is over: shown to those who keep it, and to nobody else."
    )
    spoken_of_until: date | None = Field(description="Last day on which it is spoken of, if nothing new is told.")


class CasePage(BaseModel):
    """Some cases, in the order of their ids."""

    results: list[CaseRecord]
    damaged: list[str] = Field(description="Ids of cases of this page that are stored but cannot be read.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")
