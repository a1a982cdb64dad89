"""How claims move, and what may be granted and paid. Pure."""

from collections.abc import Mapping
from typing import Final

from shared.contracts.redress import ClaimMove, ClaimState, Forum

_S = ClaimState
_M = ClaimMove


class IllegalClaimMoveError(Exception):
    """From this state there is no such move."""


class NothingClaimedError(Exception):
    """The computation comes to nothing: there is nothing to file."""


class AmountTooLargeError(Exception):
    """More than a claim can be of, or a fund can hold."""


class GrantedAmountError(Exception):
    """A claim granted in part is granted less than was claimed."""


class MoreThanGrantedError(Exception):
    """More would be paid than was granted."""


DECIDED: Final = frozenset({_S.GRANTED, _S.PARTLY_GRANTED, _S.REFUSED})
PAYABLE: Final = frozenset({_S.GRANTED, _S.PARTLY_GRANTED, _S.PAID_IN_PART})
"""Something was granted and is not all paid."""
ENDED: Final = frozenset({_S.PAID, _S.CLOSED, _S.WITHDRAWN})
"""Nothing is awaited. Whoever was refused may still appeal, whoever was paid in part may still be paid."""

OUTCOMES: Final[Mapping[ClaimState, ClaimMove]] = {
    _S.GRANTED: _M.GRANT,
    _S.PARTLY_GRANTED: _M.GRANT_PARTLY,
    _S.REFUSED: _M.REFUSE,
}
"""The move of each decision."""

MOVES: Final[Mapping[tuple[ClaimState, ClaimMove], ClaimState]] = {
    (_S.DRAFT, _M.FILE): _S.FILED,
    (_S.FILED, _M.HEAR): _S.HEARD,
    **{(state, move): outcome for state in (_S.HEARD, _S.APPEALED) for outcome, move in OUTCOMES.items()},
    **{(state, _M.APPEAL): _S.APPEALED for state in DECIDED},
    **{(state, _M.PAY_PART): _S.PAID_IN_PART for state in PAYABLE},
    **{(state, _M.PAY): _S.PAID for state in PAYABLE},
    **{(state, _M.TAKE_BACK): _S.PAID_IN_PART for state in (_S.PAID_IN_PART, _S.PAID, _S.CLOSED)},
    **{(state, _M.CLOSE): _S.CLOSED for state in PAYABLE | {_S.REFUSED, _S.PAID}},
    **{(state, _M.WITHDRAW): _S.WITHDRAWN for state in (_S.DRAFT, _S.FILED, _S.HEARD, _S.APPEALED)},
}
"""All moves. Where nothing is left of what was paid, a claim is paid in part with nothing: what was decided stands."""


def moved(state: ClaimState, move: ClaimMove) -> ClaimState:
    """The state after a move.

    Raises:
        IllegalClaimMoveError: not from this state.
    """
    after = MOVES.get((state, move))
    if after is None:
        raise IllegalClaimMoveError(f"from {state.value} there is no {move.value}")
    return after


_LEDGERS: Final = frozenset({_M.PAY_PART, _M.PAY})


def moves_offered(state: ClaimState, forum: Forum, claimed: int) -> list[ClaimMove]:
    """What an office can tell of a claim now. Only a reversal takes back; the fund's ledger tells what it paid."""
    hidden = {_M.TAKE_BACK} | (_LEDGERS if forum is Forum.FUND else frozenset())
    if claimed == 0:
        hidden |= {_M.FILE}
    return [move for move in ClaimMove if (state, move) in MOVES and move not in hidden]


def granted_amount(outcome: ClaimState, claimed: int, amount: int | None) -> int:
    """What a decision grants, minor units.

    Raises:
        GrantedAmountError: of a claim granted in part, not less than was claimed.
    """
    if outcome is _S.PARTLY_GRANTED:
        if amount is None or not 0 < amount < claimed:
            raise GrantedAmountError("granted in part is more than nothing and less than was claimed")
        return amount
    return claimed if outcome is _S.GRANTED else 0


def left_after(received: int, returned: int) -> int:
    """What stays paid when money comes back.

    Raises:
        IllegalClaimMoveError: more than was paid.
    """
    if returned > received:
        raise IllegalClaimMoveError("so much was not paid")
    return received - returned


def payment_move(granted: int, received: int, amount: int) -> ClaimMove:
    """Which move a payment is: the last that was owed, or a part.

    Raises:
        MoreThanGrantedError: it goes beyond what was granted.
    """
    if received + amount > granted:
        raise MoreThanGrantedError("this and what was paid before are more than was granted")
    return _M.PAY if received + amount == granted else _M.PAY_PART
