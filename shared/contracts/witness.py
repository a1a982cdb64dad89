"""What members tell each other of their logs, and how the federation is."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.audit import Head
from shared.contracts.caller import Member


class HeadExchange(BaseModel):
    """A member's own head, and the newest of others that it has seen: a log cannot show two faces."""

    model_config = ConfigDict(extra="ignore")

    version: Literal[2] = 2
    head: Head
    witnessed: list[Head] = Field(max_length=100)
    at: datetime = Field(description="The answering member's clock.")
    directory: int = Field(default=0, description="Version of the directory that it believes.")
    versions: list[int] = Field(default_factory=list, max_length=20, description="Of the protocol, that it speaks.")


class WitnessedHead(Head):
    """A head of another member's log as this node keeps it."""

    received_at: datetime
    forked: bool = Field(description="It does not fit another head that its member signed: one of the two is a lie.")


class Witnessed(BaseModel):
    """The newest head of each other member, and every one that does not fit."""

    heads: list[WitnessedHead]


class FederationAlert(BaseModel):
    """Something that needs a human."""

    id: str
    at: datetime
    kind: str = Field(description="log_fork, log_shrunk, log_key, correction_overdue.")
    member: Member
    detail: dict[str, str]


class FederationAlerts(BaseModel):
    """Newest first."""

    results: list[FederationAlert]


class MemberHealth(BaseModel):
    """How another member is, as this node has seen it."""

    member: Member
    name: str
    active: bool
    reachable: bool | None = Field(description="At the last try; null: it was not tried since the start.")
    reason: str | None = Field(description="Why not.")
    tried_at: datetime | None
    answered_at: datetime | None
    ms: float | None = Field(description="Milliseconds of the last answer.")
    clock_skew_s: float | None = Field(description="How far its clock is ahead of this node's, seconds.")
    versions: list[int] = Field(description="Of the protocol, that it speaks.")
    directory: int | None = Field(description="Version of the directory that it believes.")
    head_size: int | None = Field(description="Entries of its log by its newest head.")
    head_at: datetime | None
    forked: bool
    corrections_open: int = Field(description="Corrections that it has not acknowledged.")


class MembersHealth(BaseModel):
    """Every other member of the directory."""

    directory: int
    current: bool
    members: list[MemberHealth]
