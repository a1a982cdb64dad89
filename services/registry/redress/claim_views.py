"""A claim as its office sees it, and what of it is sealed."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from services.registry.clocks import Clock
from services.registry.keeping import keeping
from services.registry.redress.rules import ENDED, moves_offered
from services.registry.redress.tables import ClaimEventRow, ClaimRow
from shared.contracts.moves import MoveOffered
from shared.contracts.redress import (
    Claim,
    ClaimBody,
    ClaimEvent,
    ClaimItem,
    ClaimMove,
    ClaimState,
    ClaimStep,
    Computation,
    DecisionBody,
    Forum,
    ReceiptBody,
)
from shared.crypto.sealing import KeyRing


class Content(BaseModel):
    """What of a claim is sealed: as it was told, and what it came to by the rules of that time."""

    body: ClaimBody
    computation: Computation


class Words(BaseModel):
    """What of an event is sealed."""

    authority: str | None = None
    reference: str | None = None
    note: str | None = None


class SealedClaim:
    """A claim's row with the key that opens it."""

    def __init__(self, row: ClaimRow, keys: KeyRing) -> None:
        self.row = row
        self._key = keys.subject(row.member, row.wrapped_key)

    @property
    def content(self) -> Content:
        """As it was told."""
        return Content.model_validate_json(self._key.open(self.row.content, self._owner("content")))

    def seal(self, content: Content) -> bytes:
        """What the table keeps of it."""
        return self._key.seal(content.model_dump_json().encode(), self._owner("content"))

    def seal_told(self, told: ClaimStep | DecisionBody | ReceiptBody | Words | None) -> bytes | None:
        """What the table keeps of an event's words; None where there are none."""
        kept = Words.model_validate(told.model_dump(include=set(Words.model_fields)) if told else {})
        if kept == Words():
            return None
        return self._key.seal(kept.model_dump_json().encode(), self._owner("told"))

    def event(self, row: ClaimEventRow) -> ClaimEvent:
        """One event, opened."""
        told = Words.model_validate_json(self._key.open(row.told, self._owner("told"))) if row.told else Words()
        plain = {name: getattr(row, name) for name in ("state", "move", "at", "by", "day", "amount")}
        return ClaimEvent.model_validate(plain | told.model_dump())

    def _owner(self, what: str) -> str:
        return f"claim/{self.row.id}/{what}"


def item(row: ClaimRow) -> ClaimItem:
    """As it stands in a list."""
    plain = {name: getattr(row, name) for name in ClaimItem.model_fields if name != "erased_on"}
    return ClaimItem.model_validate(plain | {"erased_on": row.erased_at.date() if row.erased_at else None})


def claim(sealed: SealedClaim, events: Sequence[ClaimEventRow]) -> Claim:
    """Whole."""
    content = sealed.content
    body = content.body
    return Claim(
        **item(sealed.row).model_dump(),
        wages=body.wages,
        fees=body.fees,
        damages=body.damages,
        documents=body.documents,
        note=body.note,
        computation=content.computation,
        moves=_moves(sealed.row),
        events=[sealed.event(each) for each in events],
        keeping=keeping(sealed.row.member, Clock.CLAIM_ENDED, _ended(sealed.row, events), sealed.row.held_until),
    )


def _ended(row: ClaimRow, events: Sequence[ClaimEventRow]) -> datetime | None:
    """When the last thing was done with a claim on which nothing is awaited; to hold it is none."""
    if ClaimState(row.state) not in ENDED:
        return None
    return max(each.at for each in events if each.move != ClaimMove.HOLD.value)


def _moves(row: ClaimRow) -> list[MoveOffered]:
    found = moves_offered(ClaimState(row.state), Forum(row.forum), row.claimed)
    return [MoveOffered(move=move.value, codes=[]) for move in found]
