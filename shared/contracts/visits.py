"""Visits of workplaces by labour inspection: in which order, what was found, what is to be put right by when."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.assessments import Note
from shared.contracts.caller import Member
from shared.contracts.cases import Offence
from shared.contracts.inspections import Access, Remedy
from shared.contracts.lines import Line, RecordId
from shared.contracts.moves import MoveOffered

Area = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9.-]{1,11}$")]
"""The code of an administrative area, e.g. of ISO 3166-2: never an address."""


class VisitPlace(StrEnum):
    """Kinds of workplace."""

    DOMESTIC = "domestic"
    FISHING_VESSEL = "fishing_vessel"
    PLANTATION = "plantation"
    CONSTRUCTION = "construction"
    FACTORY = "factory"
    AGENCY_OFFICE = "agency_office"


class VisitState(StrEnum):
    """How far a visit has got."""

    PLANNED = "planned"
    CARRIED_OUT = "carried_out"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    CALLED_OFF = "called_off"


class VisitMove(StrEnum):
    """What is done with a visit."""

    CARRY_OUT = "carry_out"
    FOLLOW_UP = "follow_up"
    CLOSE = "close"
    CALL_OFF = "call_off"


class Chosen(StrEnum):
    """Why it was chosen."""

    RISK = "risk"
    RANDOM = "random"
    INSPECTOR = "inspector"


class RiskFactor(BaseModel):
    """One thing that puts a workplace earlier or later in the order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    factor: str
    points: int
    says: str


class PlannedPlace(BaseModel):
    """A workplace that could be visited next."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    party: str | None = Field(description="Null: workplaces of a kind in an area, of no known employer")
    place: VisitPlace | None = Field(description="Null: not known yet")
    area: str | None
    points: int
    chosen: Chosen = Field(description="By risk, or drawn at random")
    factors: list[RiskFactor]


class VisitPlan(BaseModel):
    """Workplaces in the order in which they should be visited."""

    items: list[PlannedPlace]
    random_share: float = Field(description="Of the plan, drawn at random: else it only sees what it looks at already")


class VisitBody(BaseModel):
    """A visit that is planned."""

    model_config = ConfigDict(extra="forbid")

    place: VisitPlace
    informal: bool = Field(default=False, description="Nobody is registered there")
    area: Area
    party: RecordId | None = None
    address: Line | None = Field(default=None, description="Sealed")
    planned_on: date
    joint: bool = Field(default=False, description="With the police")
    chosen: Chosen = Chosen.INSPECTOR


class VisitStep(BaseModel):
    """What was done, and what came of it. Each step tells the whole result."""

    model_config = ConfigDict(extra="forbid")

    move: VisitMove
    carried_out_on: date | None = None
    access: Access | None = None
    findings: Annotated[list[Offence], Field(max_length=len(Offence))] = Field(default_factory=list)
    remedies: Annotated[list[Remedy], Field(max_length=100)] = Field(default_factory=list)
    note: Note | None = Field(default=None, description="Sealed; for one's own office")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.move is VisitMove.CARRY_OUT) is not (self.carried_out_on is not None and self.access is not None):
            raise ValueError("carry_out has the day and how the inspectors came in, and no other move has")
        if self.move is VisitMove.CALL_OFF and (self.findings or self.remedies):
            raise ValueError("nothing is found on a visit that is called off")
        return self


class VisitNote(BaseModel):
    """A note for one's own office."""

    model_config = ConfigDict(extra="forbid")

    note: Note = Field(description="Sealed")


class VisitEvent(BaseModel):
    """Something done with a visit; who and what they noted is shown to their own office alone."""

    state: VisitState
    at: datetime
    by: str | None
    note: str | None


class VisitItem(BaseModel):
    """A visit in a list."""

    id: str
    member: Member
    place: VisitPlace
    informal: bool
    area: str
    party: str | None
    joint: bool
    planned_on: date
    state: VisitState
    carried_out_on: date | None
    next_due_on: date | None = Field(description="Of the remedies that are not done, the earliest; null for police")
    overdue: bool


class Visit(VisitItem):
    """A visit as one's office sees it. Police see offences, and nothing that is for labour inspection alone."""

    access: Access | None
    address: str | None
    chosen: Chosen | None
    factors: list[RiskFactor]
    findings: list[Offence]
    remedies: list[Remedy]
    events: list[VisitEvent]
    moves: list[MoveOffered] = Field(description="What this office can do with it now")


class VisitPage(BaseModel):
    """Some visits, newest first."""

    items: list[VisitItem]
    next: int | None = Field(description="The `before` of the next page; null on the last")
