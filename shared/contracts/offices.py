"""What an office adds to screening: its threshold, and the hits that it has looked at and cleared."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.caller import Member
from shared.contracts.lines import Digest, Line, RecordId
from shared.contracts.screening import QueryEntity


class ClearanceBody(BaseModel):
    """A hit that is not the party asked about, as a human found."""

    model_config = ConfigDict(extra="forbid")

    query: QueryEntity
    party: RecordId
    reason: Line
    evidence: Line | None = Field(default=None, description="What it rests on: a document's number, a file.")
    document_digest: Digest | None = None


class Clearance(BaseModel):
    """A cleared hit. What was asked is kept as a digest only."""

    id: str
    party: str
    reason: str
    evidence: str | None
    document_digest: str | None
    organisation: str
    member: Member
    cleared_by: str
    cleared_at: datetime
    stands: bool = Field(description="False: the party has changed since in what matters.")


class ClearancePage(BaseModel):
    """Some clearances of the caller's organisation, newest first."""

    results: list[Clearance]
    next: int | None = Field(description="The `cursor` of the next page; null on the last.")


class ThresholdBody(BaseModel):
    """An office's bar: at least the calibrated one."""

    model_config = ConfigDict(extra="forbid")

    organisation: Annotated[Line, Field(max_length=200)]
    threshold: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    cutoff: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    reason: Line


class Threshold(BaseModel):
    """A version of an office's bar. Version 0 is the calibrated one, which nobody set."""

    organisation: str
    version: int
    threshold: float = Field(description="Least score of a match.")
    cutoff: float = Field(description="Least score that is shown.")
    reason: str
    set_by: str | None
    set_at: datetime | None


class Thresholds(BaseModel):
    """What is in force for an office, and every version before, newest first."""

    in_force: Threshold
    history: list[Threshold]
