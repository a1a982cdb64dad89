"""The states of a registration as a machine: which step leads where, and how many humans it takes. Pure.

No machine takes any step. A step with a lasting effect needs two humans who found the same; the worker's own withdrawal
is theirs alone.
"""

from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Final

from shared.contracts.registrations import RegistrationState

_S = RegistrationState


class Step(StrEnum):
    """What can be done to a registration."""

    REVIEW = "review"
    VERIFY = "verify"
    REJECT = "reject"
    MERGE = "merge"
    PROTECT = "protect"
    UNSEAL = "unseal"
    WITHDRAW = "withdraw"


class IllegalStepError(Exception):
    """A registration cannot take this step from where it is, or not by so few people."""


_DECIDED: Final = {Step.REVIEW: _S.UNDER_REVIEW, Step.WITHDRAW: _S.WITHDRAWN}

NEXT: Final[dict[RegistrationState, dict[Step, RegistrationState]]] = {
    _S.PROVISIONAL: {Step.REVIEW: _S.UNDER_REVIEW, Step.WITHDRAW: _S.WITHDRAWN},
    _S.UNDER_REVIEW: {
        Step.REVIEW: _S.UNDER_REVIEW,
        Step.VERIFY: _S.VERIFIED,
        Step.REJECT: _S.REJECTED,
        Step.MERGE: _S.MERGED,
        Step.PROTECT: _S.PROTECTED,
        Step.UNSEAL: _S.PROVISIONAL,
        Step.WITHDRAW: _S.WITHDRAWN,
    },
    _S.VERIFIED: _DECIDED,
    _S.REJECTED: _DECIDED,
    _S.MERGED: _DECIDED,
    _S.PROTECTED: _DECIDED,
    _S.WITHDRAWN: {},
}
"""Where a step leads. What was decided can be looked at again; what was withdrawn is erased."""

HUMANS: Final[dict[Step, int]] = {
    Step.REVIEW: 1,
    Step.VERIFY: 2,
    Step.REJECT: 2,
    Step.MERGE: 2,
    Step.PROTECT: 2,
    Step.UNSEAL: 2,
    Step.WITHDRAW: 1,
}
"""How many distinct humans stand behind a step."""

ADVERSE: Final = frozenset({_S.REJECTED, _S.MERGED})
"""States that take something from a worker."""


def take(state: RegistrationState, step: Step, humans: AbstractSet[str]) -> RegistrationState:
    """The state after a step.

    Args:
        state: before.
        step: what is done.
        humans: those who do it, or found it alike.

    Raises:
        IllegalStepError: no such step from here, or too few humans.
    """
    if step not in NEXT[state]:
        known = ", ".join(sorted(NEXT[state])) or "nothing"
        raise IllegalStepError(f"a registration that is {state} cannot {step}; possible: {known}")
    if len(humans) < HUMANS[step]:
        raise IllegalStepError(f"to {step} takes {HUMANS[step]} people")
    return NEXT[state][step]
