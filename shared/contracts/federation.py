"""What screening over member states adds to one register's answer."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.caller import Member
from shared.contracts.screening import MatchResponse


class MemberState(StrEnum):
    """Whether a member's register is in the answer. Only of ANSWERED may one say that it holds nothing."""

    ANSWERED = "answered"
    SILENT = "silent"
    CUT_OFF = "cut_off"
    NOT_ASKED = "not_asked"


class MemberAnswer(BaseModel):
    """One member's part in an answer."""

    member: Member
    state: MemberState
    reason: str | None = Field(
        default=None,
        description="time-out, away, resting (it failed before and is left alone for a while), signature, clock, "
        "purpose (not agreed for this purpose), dataset (a part of one node was asked for), directory, refused, error.",
    )
    as_of: datetime | None = Field(default=None, description="When the member answered; null when it did not.")
    hits: int = 0
    ms: float = Field(default=0.0, description="Milliseconds until it answered or was given up.")


class SameParty(BaseModel):
    """Results that carry one and the same identifier; nothing else makes two results one party."""

    identifier: str = Field(description="The property: an identifier, never a name.")
    results: list[str] = Field(description="Ids of the results, by `MEMBER/id`.")


class DirectoryState(BaseModel):
    """Which member directory the answer rests on."""

    version: int = Field(description="0: none was ever received, so nothing is said of any other member.")
    current: bool = Field(description="False: it has expired; no other member was asked.")


class FederatedMatchResponse(MatchResponse):
    """One answer for all members. Nothing is said of a member that stayed silent."""

    directory: DirectoryState | None = Field(default=None, description="Null: this node has joined no federation.")
    members: list[MemberAnswer] = Field(
        description="Every member, and whether it is in this answer; silent ones first."
    )
    members_asked: list[Member] = Field(description="Members whose registers were asked")
    members_silent: list[Member] = Field(description="Members of which nothing is said: no answer, or cut off")
    same_party: dict[str, list[SameParty]] = Field(default_factory=dict, description="By query name.")


class FederatedAnswer(BaseModel):
    """What one member tells another (protocol version 2): its own answer, and of when."""

    model_config = ConfigDict(extra="ignore")

    version: Literal[2] = 2
    member: Member
    as_of: datetime
    answer: MatchResponse
