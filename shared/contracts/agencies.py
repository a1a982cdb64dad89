"""Figures about the agencies that place workers."""

from pydantic import BaseModel, ConfigDict, Field


class AgencyHeap(BaseModel):
    """An agency's workers against those of all other agencies. A reason to inspect, and no finding about a worker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: str = Field(description="Party id")
    workers: int = Field(description="How many were compared")
    at_floor: int = Field(description="Of them, within a year above the minimum age of the intended work")
    expected: float = Field(description="Share of the other agencies' workers there, 0 to 1")
    p: float = Field(description="Chance of as many or more, were they drawn from all (Fisher, one-sided; Holm)")
    named: bool = Field(description="Whether the office should look")


class AgencyHeaps(BaseModel):
    """Every agency of enough workers, least likely first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: float = Field(description="Chance, over all of them, that one is named though none differs")
    agencies: list[AgencyHeap]
