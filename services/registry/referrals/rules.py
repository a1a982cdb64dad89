"""How referrals move, by when they are answered, and to whom a child's go. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.contracts.referrals import ReferralCode, ReferralMove, ReferralOffice, ReferralState, Urgency
from shared.standards.indicators.rules import Answer

_S = ReferralState
_M = ReferralMove
_C = ReferralCode
_O = ReferralOffice

ABOUT_ADULTS: Final = frozenset({_O.POLICE, _O.PROSECUTION})
"""Offices that hear of no child."""


class Side(StrEnum):
    """Which of the two offices."""

    SENDER = "sender"
    RECEIVER = "receiver"


class IllegalReferralMoveError(Exception):
    """From this state there is no such move."""


class NotThisSideError(Exception):
    """The move is the other office's."""


class CodeNotForMoveError(Exception):
    """The move needs a code that it has not, or has one that is not its own."""


class NotForThisOfficeError(Exception):
    """A child, or who may be one, is not referred there."""


class ConsentNeededError(Exception):
    """No law stands in for the person's consent here."""


class NotOwnStateError(Exception):
    """The consular office is of another state than the person."""


OPEN: Final = frozenset({_S.SENT, _S.RECEIVED, _S.MORE_REQUESTED, _S.ACCEPTED})
AWAITED: Final = frozenset({_S.SENT, _S.RECEIVED})
"""The receiver's answer is awaited: the clock runs."""
READABLE: Final = frozenset({_S.RECEIVED, _S.MORE_REQUESTED, _S.ACCEPTED, _S.COMPLETED})
"""The receiver reads the content."""
ENDED: Final = frozenset({_S.DECLINED, _S.HANDED_BACK, _S.WITHDRAWN})
"""The content is gone for good."""

MOVES: Final[Mapping[tuple[ReferralState, ReferralMove], ReferralState]] = {
    (_S.SENT, _M.RECEIVE): _S.RECEIVED,
    (_S.RECEIVED, _M.ACCEPT): _S.ACCEPTED,
    (_S.RECEIVED, _M.DECLINE): _S.DECLINED,
    (_S.RECEIVED, _M.REQUEST_MORE): _S.MORE_REQUESTED,
    (_S.MORE_REQUESTED, _M.ANSWER): _S.SENT,
    (_S.ACCEPTED, _M.HAND_BACK): _S.HANDED_BACK,
    (_S.ACCEPTED, _M.COMPLETE): _S.COMPLETED,
    **{(state, _M.WITHDRAW): _S.WITHDRAWN for state in OPEN},
    **{(state, _M.REVOKE): _S.WITHDRAWN for state in OPEN | {_S.COMPLETED}},
}
"""All moves. A person's consent can be revoked as long as somebody can read what was sent because of it."""

_SENDERS: Final = frozenset({_M.ANSWER, _M.WITHDRAW})
_EITHERS: Final = frozenset({_M.REVOKE})

CODES: Final[Mapping[ReferralMove, frozenset[ReferralCode]]] = {
    _M.DECLINE: frozenset({_C.NOT_OUR_TASK, _C.NO_CAPACITY, _C.ALREADY_KNOWN}),
    _M.REQUEST_MORE: frozenset({_C.CONTACT_MISSING, _C.EMPLOYER_MISSING, _C.TOO_LITTLE_TOLD}),
    _M.HAND_BACK: frozenset({_C.NOT_OUR_TASK, _C.NO_CAPACITY, _C.PERSON_DECLINED, _C.PERSON_NOT_REACHED}),
    _M.COMPLETE: frozenset({_C.HELPED, _C.ACTION_TAKEN, _C.NOTHING_FOUND}),
    _M.WITHDRAW: frozenset({_C.SENT_IN_ERROR, _C.SETTLED}),
    _M.REVOKE: frozenset({_C.CONSENT_REVOKED}),
}
"""Codes of the moves that need one."""

TIME_TO_ANSWER: Final[Mapping[Urgency, timedelta]] = {
    Urgency.IMMEDIATE: timedelta(hours=4),
    Urgency.URGENT: timedelta(hours=24),
    Urgency.NORMAL: timedelta(days=7),
}
"""Source: ours; no agreement between offices that we have read sets a time."""


def moved(state: ReferralState, move: ReferralMove, side: Side, code: ReferralCode | None) -> ReferralState:
    """The state after a move.

    Raises:
        NotThisSideError: it is the other office's move.
        IllegalReferralMoveError: not from this state.
        CodeNotForMoveError: no code where one is needed, or another move's.
    """
    if move not in _EITHERS and (move in _SENDERS) != (side is Side.SENDER):
        raise NotThisSideError(f"{move.value} is not for the {side.value}")
    after = MOVES.get((state, move))
    if after is None:
        raise IllegalReferralMoveError(f"from {state.value} there is no {move.value}")
    allowed = CODES.get(move, frozenset({None}))
    if code not in allowed:
        raise CodeNotForMoveError(f"for {move.value}: {', '.join(sorted(each for each in allowed if each)) or 'none'}")
    return after


def offered(state: ReferralState, side: Side) -> Iterator[tuple[ReferralMove, list[ReferralCode]]]:
    """The moves that one side can make from a state, each with the codes of which it needs one."""
    for before, move in MOVES:
        if before is state and (move in _EITHERS or (move in _SENDERS) == (side is Side.SENDER)):
            yield move, sorted(CODES.get(move, ()))


def due_at(urgency: Urgency, sent_at: datetime) -> datetime:
    """By when the receiver answers."""
    return sent_at + TIME_TO_ANSWER[urgency]


def is_overdue(state: ReferralState, due: datetime, at: datetime) -> bool:
    """Nobody answered in time."""
    return state in AWAITED and due < at


def is_escalated(state: ReferralState, urgency: Urgency, due: datetime, at: datetime) -> bool:
    """Nor in as much time again."""
    return is_overdue(state, due + TIME_TO_ANSWER[urgency], at)


def check_child(child: Answer, sender: ReferralOffice, receiver: ReferralOffice, *, across: bool) -> None:
    """Who may be told of somebody who is, or may be, a child.

    Raises:
        NotForThisOfficeError: a child goes to child protection first, and from there to others but police and
            prosecution, in another member state to child protection and consular offices only; nobody whose age was
            not asked goes to police or prosecution.
    """
    if receiver in ABOUT_ADULTS and child is not Answer.NO:
        raise NotForThisOfficeError("the police are told of adults only: say first that the person is no child")
    if child is Answer.YES and _O.CHILD_PROTECTION not in {sender, receiver}:
        raise NotForThisOfficeError("a child is referred to child protection first")
    if child is Answer.YES and across and not {sender, receiver} <= {_O.CHILD_PROTECTION, _O.CONSULAR}:
        raise NotForThisOfficeError("a child is referred abroad to child protection or a consular office only")


def check_consent(receiver: ReferralOffice, *, consented: bool) -> None:
    """A person's own state is told of them because they want it, never in spite of them: some fled from it.

    Raises:
        ConsentNeededError: a consular office, without consent.
    """
    if receiver is _O.CONSULAR and not consented:
        raise ConsentNeededError("a consular office is told of a person with the person's consent only")


def check_own_state(member: str, state: str | None) -> None:
    """A consular office is told of its own state's people: of nobody else by mistake. What is said names no state.

    Args:
        member: whose the office is.
        state: whose the person is, as far as the referring office may read it; None: nobody wrote it down.

    Raises:
        NotOwnStateError: another state's consular office.
    """
    if state is not None and state != member:
        raise NotOwnStateError("member: by the registration the person is of another state than this consular office")


def heard(state: ReferralState, told: ReferralState, side: Side, code: ReferralCode | None) -> ReferralState:
    """The state after another member told what its office did. What was withdrawn by either stays withdrawn.

    Args:
        state: as this member has it.
        told: as the other has it after its move.
        side: the other's.
        code: that it gave.

    Raises:
        IllegalReferralMoveError: that office cannot have done this.
    """
    moves = [move for (_, move), after in MOVES.items() if after is told and _is_of(move, side, code)]
    if not moves:
        raise IllegalReferralMoveError(f"the {side.value} cannot have moved it to {told.value}")
    if _S.WITHDRAWN in {state, told}:
        return _S.WITHDRAWN
    if not any((state, move) in MOVES for move in moves):
        raise IllegalReferralMoveError(f"from {state.value} there is no way to {told.value}")
    return told


def _is_of(move: ReferralMove, side: Side, code: ReferralCode | None) -> bool:
    theirs = move in _EITHERS or (move in _SENDERS) == (side is Side.SENDER)
    return theirs and code in CODES.get(move, frozenset({None}))
