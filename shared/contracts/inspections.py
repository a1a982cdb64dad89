"""Inspections of workplaces, informal and domestic ones too, and what came of them. Never a finding by themselves."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.caller import Member
from shared.contracts.cases import Offence
from shared.contracts.lines import Line, RecordId
from shared.contracts.provenance import Provenance


class Workplace(StrEnum):
    """Where it was looked."""

    AGENCY_OFFICE = "agency_office"
    TRAINING_CENTRE = "training_centre"
    FORMAL = "formal"
    INFORMAL = "informal"
    DOMESTIC = "domestic"
    VESSEL = "vessel"
    LODGING = "lodging"


class Access(StrEnum):
    """How the inspectors came in."""

    POWER_OF_ENTRY = "power_of_entry"
    CONSENT = "consent"
    WARRANT = "warrant"
    OUTSIDE = "outside"
    REFUSED = "refused"


class InspectionState(StrEnum):
    """How far it has got."""

    PLANNED = "planned"
    CARRIED_OUT = "carried_out"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    CALLED_OFF = "called_off"


class Remedy(BaseModel):
    """Something to be put right by a day."""

    model_config = ConfigDict(extra="forbid")

    offence: Offence
    due_on: date
    done_on: date | None = None


class InspectionBody(Provenance):
    """An inspection as it stands now."""

    model_config = ConfigDict(extra="forbid")

    party: RecordId
    licence: RecordId | None = None
    follow_up_of: RecordId | None = Field(default=None, description="The inspection that this one comes back to.")
    workplace: Workplace
    access: Access | None = None
    state: InspectionState
    planned_on: date
    carried_out_on: date | None = None
    indications: Annotated[list[Offence], Field(max_length=len(Offence))] = Field(default_factory=list)
    remedies: Annotated[list[Remedy], Field(max_length=100)] = Field(default_factory=list)
    source: Line

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        done = self.state not in (InspectionState.PLANNED, InspectionState.CALLED_OFF)
        if done is not (self.carried_out_on is not None):
            raise ValueError("an inspection that was carried out has the day of it, and no other has")
        if done is not (self.access is not None):
            raise ValueError("an inspection that was carried out says how the inspectors came in, and no other does")
        if not done and (self.indications or self.remedies):
            raise ValueError("nothing is found before an inspection is carried out")
        if self.state is InspectionState.CLOSED and any(remedy.done_on is None for remedy in self.remedies):
            raise ValueError("an inspection is not closed while something is still to be put right")
        if self.workplace is Workplace.DOMESTIC and self.access is Access.POWER_OF_ENTRY:
            raise ValueError("a household is entered with consent or a warrant")
        return self


class InspectionRecord(InspectionBody):
    """An inspection as the register holds it."""

    id: str
    member: Member
    version: int
    as_of: datetime
    label: str
    overdue: list[Remedy] = Field(description="Remedies whose day has passed.")


class InspectionPage(BaseModel):
    """Some inspections, in the order of their ids."""

    results: list[InspectionRecord]
    damaged: list[str] = Field(description="Ids of inspections of this page that are stored but cannot be read.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")
