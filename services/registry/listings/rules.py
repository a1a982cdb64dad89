"""Listings as rules: which move follows which, what must have happened before, and how a listing stands on a day.

Nobody is listed without a notice and the right of reply, nor on anything but a final decision. A listing ends by the
clock; an appeal that is not decided in time hides it (see services/registry/cases/visibility.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from services.registry.cases.visibility import ListingView
from services.registry.clocks import Clock, term
from shared.contracts.cases import Appeal, LegalStatus
from shared.contracts.listings import ListingState, Move, MoveBody, RemovalGround
from shared.contracts.problem import FieldProblem

_S = ListingState

NEXT: Final[dict[ListingState, dict[Move, ListingState]]] = {
    _S.PROPOSED: {Move.NOTIFY: _S.NOTIFIED, Move.DROP: _S.DROPPED},
    _S.NOTIFIED: {Move.REPLY: _S.REPRESENTATIONS, Move.LIST: _S.LISTED, Move.DROP: _S.DROPPED},
    _S.REPRESENTATIONS: {Move.LIST: _S.LISTED, Move.DROP: _S.DROPPED},
    _S.LISTED: {
        Move.APPEAL: _S.LISTED,
        Move.DECIDE: _S.LISTED,
        Move.SUSPEND: _S.SUSPENDED,
        Move.AGREE: _S.AGREEMENT,
        Move.REMOVE: _S.REMOVED,
    },
    _S.SUSPENDED: {Move.DECIDE: _S.SUSPENDED, Move.RELIST: _S.LISTED, Move.REMOVE: _S.REMOVED},
    _S.AGREEMENT: {Move.BREACH: _S.LISTED, Move.REMOVE: _S.REMOVED},
    _S.EXPIRED: {},
    _S.REMOVED: {},
    _S.DROPPED: {},
}
"""Where a move leads. An appeal that overturns the listing leads to REMOVED. What is over is over: anew is another."""

_ENDING: Final = frozenset({_S.LISTED, _S.SUSPENDED, _S.AGREEMENT})
"""States that the clock ends."""

LABELS: Final[dict[ListingState, str]] = {
    _S.PROPOSED: "listing proposed; not a finding",
    _S.NOTIFIED: "notified, reply awaited; not a finding",
    _S.REPRESENTATIONS: "representations made; not a finding",
    _S.LISTED: "listed on a final decision",
    _S.SUSPENDED: "listing suspended by a court; not a finding",
    _S.AGREEMENT: "on the list of those who agreed to put it right",
    _S.EXPIRED: "listing expired",
    _S.REMOVED: "taken off the list",
    _S.DROPPED: "proposal dropped",
}


class IllegalMoveError(Exception):
    """A listing cannot make this move from where it is.

    Args:
        text: what cannot be done.
        field: what of the move stands against it.
        legal: moves that are possible.
    """

    def __init__(self, text: str, legal: Iterable[str], field: str = "move") -> None:
        known = sorted(legal)
        hint = f"one of: {', '.join(known)}" if known else "nothing; a wrong move is put right by a correction"
        super().__init__(f"{text}; possible: {hint}")
        self.errors = [FieldProblem(pointer=f"/body/{field}", detail=hint)]


class DueProcessError(Exception):
    """The move would skip something that the party has a right to.

    Args:
        text: what is missing.
        field: which part of the move has to do with it.
    """

    def __init__(self, text: str, field: str = "move") -> None:
        super().__init__(text)
        self.errors = [FieldProblem(pointer=f"/body/{field}", detail=text)]


@dataclass(frozen=True)
class Listing:
    """How a listing stands after its moves.

    Attributes:
        last_on: day of the last move; the next one is not before it.
        heard: when it was listed, representations had been made or their time had passed.
        review_by: last day for the decision of an appeal against it.
    """

    member: str
    last_on: date
    state: ListingState = ListingState.PROPOSED
    notice: str | None = None
    reply_by: date | None = None
    replied_on: date | None = None
    heard: bool = False
    listed_from: date | None = None
    until: date | None = None
    appeal: Appeal = Appeal.NONE
    stay: bool = False
    review_by: date | None = None
    removal: RemovalGround | None = None


def state_on(listing: Listing, on: date) -> ListingState:
    """The state on a day: a listing whose last day has passed is expired."""
    over = listing.state in _ENDING and listing.until is not None and listing.until < on
    return ListingState.EXPIRED if over else listing.state


def legal_moves(listing: Listing, on: date) -> list[Move]:
    """What may come next on a day, before it is looked at whether it is due."""
    return sorted(move for move in NEXT[state_on(listing, on)] if _fits_appeal(listing, move))


def _fits_appeal(listing: Listing, move: Move) -> bool:
    if move is Move.DECIDE:
        return listing.appeal is Appeal.PENDING
    if move in (Move.APPEAL, Move.AGREE):
        return listing.appeal is not Appeal.PENDING
    return True


def view(listing: Listing, case_status: LegalStatus, on: date) -> ListingView:
    """What decides whether the listing is seen on a day."""
    return ListingView(
        state=state_on(listing, on),
        notified=listing.notice is not None,
        heard=listing.heard,
        appeal=listing.appeal,
        stay=listing.stay,
        review_by=listing.review_by,
        case_status=case_status,
    )


def check_move(listing: Listing, step: MoveBody, *, proven: bool) -> MoveBody:
    """The move with every day that follows from the member's clocks, if it may be made.

    The days are kept with the move: a clock that is changed later changes nothing that was promised.

    Args:
        listing: as it stands.
        step: the move with its particulars.
        proven: a final decision stands behind the case on the day of the move.

    Raises:
        IllegalMoveError: the move does not lead anywhere from here, or is dated before the last one.
        DueProcessError: notice, reply, final decision or the longest time on the list stand against it.
    """
    state, legal = state_on(listing, step.on), legal_moves(listing, step.on)
    if step.on < listing.last_on:
        raise IllegalMoveError("a move is not dated before the last one", legal, "on")
    if step.move not in legal:
        raise IllegalMoveError(f"a listing that is {state} cannot {step.move}", legal)
    if step.move in _PUBLISHING and not proven:
        raise DueProcessError("the case is not proven by a final decision on that day")
    if step.move is Move.LIST:
        _require_heard(listing, step)
    limit = _LIMITS.get(step.move)
    return step if limit is None else step.model_copy(update=limit(listing.member, step))


_PUBLISHING: Final = frozenset({Move.LIST, Move.RELIST, Move.BREACH})


def _require_heard(listing: Listing, step: MoveBody) -> None:
    if listing.notice is None or listing.reply_by is None:
        raise DueProcessError("nobody is listed without a notice")
    if listing.replied_on is None and step.on <= listing.reply_by:
        raise DueProcessError(f"the time for a reply ends on {listing.reply_by}, and none was made yet", "on")


def _reply_time(member: str, step: MoveBody) -> dict[str, date | None]:
    least = term(member, Clock.REPLY).last_day(step.on)
    reply_by = step.reply_by or least
    if reply_by is None or (least is not None and reply_by < least):
        raise DueProcessError(f"the time for a reply ends no earlier than {least}", "reply_by")
    return {"reply_by": reply_by}


def _review_time(member: str, step: MoveBody) -> dict[str, date | None]:
    return {"review_by": _no_later(step, step.review_by, term(member, Clock.REVIEW).last_day(step.on), "review_by")}


def _listed_time(member: str, step: MoveBody) -> dict[str, date | None]:
    return {"until": _no_later(step, step.until, term(member, Clock.LISTED).last_day(step.on), "until")}


def _agreed_time(member: str, step: MoveBody) -> dict[str, date | None]:
    return {"until": _no_later(step, step.until, term(member, Clock.AGREEMENT).last_day(step.on), "until")}


def _no_later(step: MoveBody, wanted: date | None, latest: date | None, field: str) -> date:
    day = wanted or latest
    if day is None:
        raise DueProcessError("this needs a last day", field)
    if day < step.on or (latest is not None and day > latest):
        raise DueProcessError(f"the last day is {step.on} to {latest}", field)
    return day


_LIMITS: Final = {
    Move.NOTIFY: _reply_time,
    Move.APPEAL: _review_time,
    Move.LIST: _listed_time,
    Move.BREACH: _listed_time,
    Move.AGREE: _agreed_time,
}
"""What the member's clocks say about the days of a move."""


def take(listing: Listing, step: MoveBody) -> Listing:
    """The listing after a move that was checked."""
    moved = replace(listing, state=NEXT[state_on(listing, step.on)][step.move], last_on=step.on)
    effect = _EFFECTS.get(step.move)
    return moved if effect is None else effect(moved, step)


def refold(member: str, proposed_on: date, steps: Iterable[MoveBody], until: date | None = None) -> Listing:
    """The listing after moves that were checked when they were made.

    Args:
        until: moves after this day are left out; None: none is.

    Raises:
        LookupError: the moves were damaged, and one does not lead anywhere.
    """
    listing = Listing(member=member, last_on=proposed_on)
    for step in steps:
        if until is None or step.on <= until:
            listing = take(listing, step)
    return listing


def _decide(listing: Listing, step: MoveBody) -> Listing:
    decided = replace(listing, appeal=step.outcome or Appeal.UPHELD, stay=False, review_by=None)
    if step.outcome is Appeal.OVERTURNED:
        return replace(decided, state=ListingState.REMOVED, removal=RemovalGround.COURT)
    return decided


_EFFECTS: Final[dict[Move, Callable[[Listing, MoveBody], Listing]]] = {
    Move.NOTIFY: lambda listing, step: replace(listing, notice=step.notice, reply_by=step.reply_by),
    Move.REPLY: lambda listing, step: replace(listing, replied_on=step.on),
    Move.LIST: lambda listing, step: replace(listing, heard=True, listed_from=step.on, until=step.until),
    Move.APPEAL: lambda listing, step: replace(
        listing, appeal=Appeal.PENDING, stay=bool(step.stay), review_by=step.review_by
    ),
    Move.DECIDE: _decide,
    Move.AGREE: lambda listing, step: replace(listing, until=step.until),
    Move.BREACH: lambda listing, step: replace(listing, until=step.until),
    Move.REMOVE: lambda listing, step: replace(listing, removal=step.ground),
}
"""What a move does besides changing the state."""
