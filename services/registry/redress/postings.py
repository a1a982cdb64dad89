"""What each kind of posting does to the accounts of a fund. Pure.

Accounts: `available`, `reserved` and `paid_out` hold money and are never below zero; `donor:CODE` is what a donor gave,
below zero by as much. So all balances of a fund add up to zero.
"""

from collections.abc import Mapping
from typing import Final

from services.registry.redress.rules import AmountTooLargeError
from shared.contracts.fund import PostingKind

AVAILABLE: Final = "available"
RESERVED: Final = "reserved"
PAID_OUT: Final = "paid_out"
MOST_HELD: Final = 10**18
"""Minor units in one account: below what eight bytes hold."""
_DONOR: Final = "donor:"

Amounts = Mapping[str, int]
"""By account, minor units; together zero."""


class InsufficientFundsError(Exception):
    """An account would go below zero."""


def donor_account(donor: str) -> str:
    """The account of what a donor gave."""
    return _DONOR + donor


def is_donor(account: str) -> bool:
    """Whether an account is a donor's."""
    return account.startswith(_DONOR)


def amounts_of(kind: PostingKind, amount: int, donor: str = "") -> Amounts:
    """What a posting does.

    Args:
        kind: not REVERSAL: see `reversed_amounts`.
        amount: minor units, more than zero.
        donor: of a contribution.
    """
    source, target = {
        PostingKind.CONTRIBUTION: (donor_account(donor), AVAILABLE),
        PostingKind.RESERVATION: (AVAILABLE, RESERVED),
        PostingKind.RELEASE: (RESERVED, PAID_OUT),
        PostingKind.CANCELLATION: (RESERVED, AVAILABLE),
    }[kind]
    return {source: -amount, target: amount}


def reversed_amounts(amounts: Amounts) -> Amounts:
    """What takes a contribution or a release back: released money that returns is available, not reserved again."""
    if PAID_OUT in amounts:
        return {PAID_OUT: -amounts[PAID_OUT], AVAILABLE: amounts[PAID_OUT]}
    return {account: -amount for account, amount in amounts.items()}


def balances_after(amounts: Amounts, before: Mapping[str, int]) -> dict[str, int]:
    """The balances of the accounts that a posting touches; every posting goes through here.

    Args:
        amounts: of the posting.
        before: balances of its accounts; one that is not there has nothing.

    Raises:
        ValueError: the amounts are not a posting: they do not add up to zero, or one of them is zero.
        InsufficientFundsError: an account that holds money would go below zero.
        AmountTooLargeError: an account would hold more than it can.
    """
    if sum(amounts.values()) != 0 or len(amounts) < 2 or not all(amounts.values()):
        raise ValueError("the lines of a posting add up to zero, and none is zero")
    after = {account: before.get(account, 0) + amount for account, amount in amounts.items()}
    if short := [account for account, balance in after.items() if balance < 0 and not is_donor(account)]:
        raise InsufficientFundsError(f"there is not so much {' nor '.join(sorted(short)).replace('_', ' ')}")
    if max(map(abs, after.values())) > MOST_HELD:
        raise AmountTooLargeError("an account does not hold so much")
    return after
