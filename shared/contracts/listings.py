"""Listings: a party named in the open register, as Brazil's cadastro does, and the due process before and after it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.contracts.caller import Member
from shared.contracts.cases import Appeal, LegalStatus, Offence
from shared.contracts.lines import Line, RecordId
from shared.contracts.provenance import Correction, Provenance


class ListingState(StrEnum):
    """Where a listing is."""

    PROPOSED = "proposed"
    NOTIFIED = "notified"
    REPRESENTATIONS = "representations"
    LISTED = "listed"
    SUSPENDED = "suspended"
    AGREEMENT = "agreement"
    EXPIRED = "expired"
    REMOVED = "removed"
    DROPPED = "dropped"


class Move(StrEnum):
    """What moves a listing on. It expires by the clock, not by a move."""

    NOTIFY = "notify"
    REPLY = "reply"
    LIST = "list"
    DROP = "drop"
    APPEAL = "appeal"
    DECIDE = "decide"
    SUSPEND = "suspend"
    RELIST = "relist"
    AGREE = "agree"
    BREACH = "breach"
    REMOVE = "remove"


class RemovalGround(StrEnum):
    """Why a listing was taken off before its time."""

    COURT = "court"
    AGREEMENT = "agreement"
    ERROR = "error"


def _as_set(offences: list[Offence]) -> list[Offence]:
    return sorted(set(offences))


class ListingBody(Provenance):
    """The proposal to list a party because of a case."""

    model_config = ConfigDict(extra="forbid")

    party: RecordId
    case: RecordId = Field(description="The case that it rests on; it must be final before anything is listed.")
    grounds: Annotated[list[Offence], Field(min_length=1, max_length=len(Offence)), AfterValidator(_as_set)]
    workplace: Line | None = Field(default=None, description="Place of the breach: an address, never a person.")
    workers: Annotated[int, Field(ge=0, le=1_000_000)] | None = Field(
        default=None, description="How many workers were found; a number only."
    )
    proposed_on: date
    source: Line


class MoveBody(Provenance):
    """One step of a listing. Each move asks for its own particulars and takes no others."""

    model_config = ConfigDict(extra="forbid")

    move: Move
    on: date
    notice: Line | None = Field(default=None, description="notify: id of the notice that was served.")
    reply_by: date | None = Field(default=None, description="notify: last day for representations.")
    until: date | None = Field(default=None, description="list, agree, breach: last day on the list.")
    stay: bool | None = Field(default=None, description="appeal: whether it takes the party off the list meanwhile.")
    review_by: date | None = Field(default=None, description="appeal: last day for its decision.")
    outcome: Appeal | None = Field(default=None, description="decide: upheld or overturned.")
    ground: RemovalGround | None = Field(default=None, description="remove: why.")
    source: Line

    @model_validator(mode="after")
    def _has_its_particulars(self) -> Self:
        for name, (needed, allowed) in _PARTICULARS.items():
            given = getattr(self, name) is not None
            if given and self.move not in allowed:
                raise ValueError(f"{name} does not belong to {self.move}")
            if not given and self.move in needed:
                raise ValueError(f"{self.move} needs {name}")
        if self.outcome not in (None, Appeal.UPHELD, Appeal.OVERTURNED):
            raise ValueError("outcome: upheld or overturned")
        return self


_PARTICULARS: dict[str, tuple[frozenset[Move], frozenset[Move]]] = {
    "notice": (frozenset({Move.NOTIFY}), frozenset({Move.NOTIFY})),
    "reply_by": (frozenset(), frozenset({Move.NOTIFY})),
    "until": (frozenset(), frozenset({Move.LIST, Move.AGREE, Move.BREACH})),
    "stay": (frozenset(), frozenset({Move.APPEAL})),
    "review_by": (frozenset(), frozenset({Move.APPEAL})),
    "outcome": (frozenset({Move.DECIDE}), frozenset({Move.DECIDE})),
    "ground": (frozenset({Move.REMOVE}), frozenset({Move.REMOVE})),
}
"""Particulars of moves: those that need it, those that take it."""


class ListingCorrection(Correction):
    """The last move, struck because it was wrongly entered; and the right one in its place, if there is one."""

    instead: MoveBody | None = None


class TakenMove(BaseModel):
    """A move as the register keeps it."""

    number: int
    told_at: datetime
    organisation: str
    move: Move | None = Field(description="null: a correction that only strikes.")
    on: date | None
    strikes: int | None = Field(description="The number of the move that this corrects.")
    struck: bool
    content: dict[str, Any]


class ListingRecord(BaseModel):
    """A listing as it stands on the day asked about, and the way it came there."""

    id: str
    party: str
    case: str
    authority: str | None
    grounds: list[Offence]
    workplace: str | None
    workers: int | None
    member: Member
    version: int
    as_of: datetime
    state: ListingState
    label: str
    public: bool = Field(description="Whether everybody may see it on that day.")
    case_status: LegalStatus
    notice: str | None
    reply_by: date | None
    replied_on: date | None
    listed_from: date | None
    until: date | None
    appeal: Appeal
    stay: bool
    review_by: date | None = Field(description="If the appeal is not decided by then, the listing is hidden.")
    removal: RemovalGround | None
    next_moves: list[Move] = Field(description="What may come next.")
    moves: list[TakenMove]


class ListingPage(BaseModel):
    """Some listings, in the order of their ids."""

    results: list[ListingRecord]
    damaged: list[str] = Field(description="Ids of listings of this page that are stored but cannot be read.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class PublicListing(BaseModel):
    """What everybody may read."""

    id: str
    name: str
    party: str
    state: ListingState = Field(
        description="`listed`, or `agreement`: on the list of those who agreed to put it right."
    )
    grounds: list[Offence]
    workplace: str | None
    workers: int | None
    authority: str | None
    member: Member
    listed_from: date
    until: date
    case_status: LegalStatus
    label: str


class PublicListingPage(BaseModel):
    """Some final listings, in the order of their ids."""

    results: list[PublicListing]
    damaged: list[str] = Field(description="Ids of listings of this page that are stored but cannot be read.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")
