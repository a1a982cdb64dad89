"""Support of people presumed to be victims: status, reflection period, case manager, and the case as it is shown.

Nothing here asks what a person does or says for a proceeding, and nothing here says where somebody is.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.adjudication import VictimStatus
from shared.contracts.assessments import Language, LeadStrength
from shared.contracts.caller import Member
from shared.contracts.lines import RecordId
from shared.contracts.retention import Keeping
from shared.contracts.support_plan import LINE, PlannedService, Remark, Repatriation
from shared.standards.indicators.rules import Answer

Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=LINE)]
"""Id of somebody who works in the office, as they sign in."""
Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=LINE)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PresumptionGround(StrEnum):
    """What a presumption rests on. No proof, no complaint and no case is needed."""

    LEAD = "lead"
    OFFICER = "officer"


class SupportCaseState(StrEnum):
    """Whether it is worked on."""

    OPEN = "open"
    CLOSED = "closed"


class SupportEventKind(StrEnum):
    """What was done in a case."""

    OPENED = "opened"
    MANAGER = "manager"
    STAND_IN = "stand_in"
    CHILD = "child"
    PRESUMPTION = "presumption"
    REFLECTION = "reflection"
    SERVICE = "service"
    FOLLOW_UP = "follow_up"
    REPATRIATION = "repatriation"
    VOLUNTARINESS = "voluntariness"
    SAFETY = "safety"
    BEST_INTERESTS = "best_interests"
    CLOSED = "closed"
    HOLD = "hold"


# What is told


class SupportCaseBody(_Body):
    """Somebody is presumed a victim, and supported from this moment."""

    ground: PresumptionGround
    found_on: date
    reason: Remark | None = Field(default=None, description="What the officer's own presumption rests on.")
    assessment: RecordId | None = Field(default=None, description="Of one's own office, whose lead is the ground.")
    referral: RecordId | None = Field(default=None, description="Received and not ended, whose lead is the ground.")
    registration: RecordId | None = Field(default=None, description="The worker's registration, where there is one.")
    child: Answer = Field(default=Answer.UNKNOWN, description="Under 18. In doubt `yes`: a child is protected first.")
    language: Language = Field(default="en", description="In which one talks with the person.")
    called: Called | None = Field(default=None, description="What the person wishes to be called. Sealed.")
    manager: Person | None = Field(default=None, description="Null: whoever opens the case.")

    @model_validator(mode="after")
    def _one_ground(self) -> Self:
        sources = [each for each in (self.assessment, self.referral) if each is not None]
        if self.ground is PresumptionGround.LEAD and len(sources) != 1:
            raise ValueError("a lead comes from an assessment or a referral, one of them")
        if self.ground is PresumptionGround.OFFICER and (sources or self.reason is None):
            raise ValueError("an officer presumes for a reason, without an assessment or a referral")
        return self


class ManagerBody(_Body):
    """Who manages the case from now on, and why."""

    person: Person
    reason: Remark


class StandInBody(_Body):
    """Who stands in for the manager, and until which day; null: nobody any more."""

    person: Person | None
    until: date | None = None
    reason: Remark

    @model_validator(mode="after")
    def _until_a_day(self) -> Self:
        if (self.person is None) != (self.until is None):
            raise ValueError("a person and a day, or neither")
        return self


class SupportChildBody(_Body):
    """What became known of the person's age. In doubt `yes`."""

    child: Answer
    reason: Remark


class SupportReasonBody(_Body):
    """Why a step is taken."""

    reason: Remark


class ReflectionBody(_Body):
    """A later end of the reflection period."""

    until: date
    reason: Remark


class ReflectionWish(_Body):
    """The person themselves wished to end the reflection period."""

    wished_on: date
    language: Language = Field(description="In which it was explained to the person.")


# What is shown


class Presumption(BaseModel):
    """On what ground somebody is presumed a victim, since when, and how it ended."""

    status: VictimStatus
    ground: PresumptionGround
    found_on: date
    reason: str | None
    lead: LeadStrength | None
    since: datetime
    by: str
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_because: str | None = None


class Reflection(BaseModel):
    """The time in which a person need not decide anything."""

    begins: date
    ends: date = Field(description="Last day.")
    running: bool
    source: str = Field(description="Where its length is from.")
    confirmed: bool = Field(description="Whether somebody has checked it against the text.")
    wish: ReflectionWish | None = Field(description="The person's own, that ended it.")


class SupportEvent(BaseModel):
    """Something done in the case."""

    kind: SupportEventKind
    code: str | None
    service: str | None
    text: str | None
    by: str
    at: datetime


class SupportContent(BaseModel):
    """What the case manager and their stand-in read, and nobody else."""

    called: str | None
    language: str
    child: Answer
    registration: str | None
    assessment: str | None
    referral: str | None
    presumption: Presumption
    reflection: Reflection
    services: list[PlannedService]
    repatriation: Repatriation | None
    events: list[SupportEvent]
    keeping: Keeping


class SupportCaseItem(BaseModel):
    """That there is a case and who manages it: all that others of the office see."""

    id: str
    member: Member
    state: SupportCaseState
    manager: str | None = Field(description="Null: a child's, which nobody of child protection has taken yet.")
    stand_in: str | None
    opened_at: datetime
    mine: bool = Field(description="Whether the caller manages it or stands in.")
    overdue: bool | None = Field(description="Whether a follow-up is overdue; null for who does not read it.")
    erased_on: date | None = Field(description="What it held of the person is gone since; null: it is kept.")


class SupportCase(SupportCaseItem):
    """A case as the caller sees it."""

    content: SupportContent | None


class SupportCasePage(BaseModel):
    """Some cases, newest first."""

    items: list[SupportCaseItem]
    next: int | None = Field(description="The `before` of the next page; null on the last.")
