"""Ongoing screening: a watch on a party or a query, and the notices of what changed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.lines import Line, RecordId
from shared.contracts.screening import QueryEntity


class WatchBody(BaseModel):
    """What is watched: a party by its id, or whoever a query finds."""

    model_config = ConfigDict(extra="forbid")

    party: RecordId | None = None
    query: QueryEntity | None = None
    label: Line | None = Field(default=None, description="The caller's own word for it; no personal data needed.")
    webhook: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        default=None, description="Where notices are sent; its host must be named by the operator."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.party is None) == (self.query is None):
            raise ValueError("either a party or a query")
        return self


class Watch(BaseModel):
    """A watch of the caller's organisation."""

    id: str
    party: str | None
    query: QueryEntity | None
    label: str | None
    webhook: str | None
    created_at: datetime
    checked_at: datetime | None = Field(description="When it was last compared with the register.")
    hits: int = Field(description="Parties that it finds now.")


class WatchPage(BaseModel):
    """Some watches, in the order of making."""

    results: list[Watch]
    next: int | None = Field(description="The `cursor` of the next page; null on the last.")


class ChangeKind(StrEnum):
    """What changed. What fell away is not told in words: look at the party."""

    NEW_HIT = "new_hit"
    HIT_GONE = "hit_gone"
    PARTY_CHANGED = "party_changed"
    STATUS_CHANGED = "status_changed"
    CASE_FELL_AWAY = "case_fell_away"
    LICENCE_CHANGED = "licence_changed"
    LICENCE_SUSPENDED = "licence_suspended"
    LISTING_CHANGED = "listing_changed"


class Delivery(StrEnum):
    """How far a notice is on its way to the webhook."""

    NONE = "none"
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Notice(BaseModel):
    """That something changed. It holds no name and no status: what is so now is asked for with the party's id."""

    id: str
    number: int = Field(description="Grows; a later notice has a greater one.")
    watch: str
    party: str
    kind: ChangeKind
    at: datetime
    delivery: Delivery = Delivery.NONE


class NoticePage(BaseModel):
    """Some notices, in the order of their numbers."""

    results: list[Notice]
    next: int = Field(description="The `cursor` to go on from; the same as asked when there is nothing new.")
    looked_at: datetime | None = Field(
        description="When all watches were last compared with the register; null: not since the service started."
    )


class WebhookKeys(BaseModel):
    """The public keys (JSON Web Keys, RFC 7517) that webhooks are signed with (RFC 9421)."""

    keys: list[dict[str, str]]


class Redelivery(BaseModel):
    """Notices that are sent again."""

    notices: int
