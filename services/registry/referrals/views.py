"""A referral as one of the two offices sees it."""

from collections.abc import Sequence
from datetime import datetime

from services.registry.referrals.offices import Referrer
from services.registry.referrals.rules import READABLE, Side, is_escalated, is_overdue, offered
from services.registry.referrals.tables import ReferralEventRow, ReferralRow
from shared.contracts.moves import MoveOffered
from shared.contracts.referrals import (
    Crossing,
    Referral,
    ReferralAbout,
    ReferralContent,
    ReferralDirection,
    ReferralEvent,
    ReferralItem,
    ReferralMove,
    ReferralState,
    Urgency,
)
from shared.crypto.sealing import SubjectKey


def side_of(who: Referrer, row: ReferralRow) -> Side:
    """Which of the two offices."""
    return Side.RECEIVER if who.direction_of(row) is ReferralDirection.IN else Side.SENDER


def item(who: Referrer, row: ReferralRow, at: datetime) -> ReferralItem:
    """As both see it in a list; the clock is read at `at`."""
    state, urgency = ReferralState(row.state), Urgency(row.urgency)
    told = {name: getattr(row, name) for name in ReferralItem.model_fields if hasattr(row, name)}
    return ReferralItem(
        **told,
        direction=who.direction_of(row),
        overdue=is_overdue(state, row.due_at, at),
        escalated=is_escalated(state, urgency, row.due_at, at),
        delivery=_delivery(row),
        delivery_reason=row.undelivered,
    )


def referral(
    who: Referrer, row: ReferralRow, events: Sequence[ReferralEventRow], key: SubjectKey, at: datetime
) -> Referral:
    """The sender sees state and codes and what it was about; the receiver the content; each its own notes."""
    side = side_of(who, row)
    sender = side is Side.SENDER
    return Referral(
        **item(who, row, at).model_dump(),
        assessment=row.assessment if sender else None,
        party=row.party if sender else None,
        content=None if sender else _content(row, key),
        events=[_event(row, each, key, own=each.side == side.value) for each in events],
        moves=[
            MoveOffered(move=move.value, codes=[code.value for code in codes])
            for move, codes in offered(ReferralState(row.state), side)
            if move is not ReferralMove.REVOKE or row.about == ReferralAbout.PERSON.value
        ],
    )


def _delivery(row: ReferralRow) -> Crossing | None:
    if row.sender_member == row.receiver_member:
        return None
    if row.owed_to is not None:
        return Crossing.NOT_YET
    return Crossing.DELIVERED if row.undelivered is None else Crossing.REFUSED


def owner(row: ReferralRow, what: str) -> str:
    """What a sealed text belongs to."""
    return f"referral/{row.id}/{what}"


def _content(row: ReferralRow, key: SubjectKey) -> ReferralContent | None:
    if row.content is None or ReferralState(row.state) not in READABLE:
        return None
    return ReferralContent.model_validate_json(key.open(row.content, owner(row, "content")))


def _event(row: ReferralRow, event: ReferralEventRow, key: SubjectKey, *, own: bool) -> ReferralEvent:
    note = key.open(event.note, owner(row, "note")).decode() if own and event.note else None
    return ReferralEvent.model_validate(
        {"state": event.state, "code": event.code, "at": event.at, "by": event.by if own else None, "note": note}
    )
