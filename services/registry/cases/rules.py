"""Due process as rules: what a case's stage and appeal allow to be said, and which way a case can go.

Nothing counts as proven before a conviction or decision that no ordinary appeal can change any more; what ended without
a finding is not spoken of at all.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, Protocol

from shared.contracts.parties import Appeal, LegalStatus, Proceeding, Stage
from shared.contracts.screening import NoCase


class IllegalTransitionError(Exception):
    """A case cannot go from where it is to where it is said to be."""


class CaseFacts(Protocol):
    """What the rules need to know of a case."""

    @property
    def proceeding(self) -> Proceeding: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def appeal(self) -> Appeal: ...
    @property
    def final_on(self) -> date | None: ...


_CLOSED_EARLY: Final = frozenset({Stage.DISMISSED, Stage.WITHDRAWN})

NEXT_STAGES: Final[dict[Stage, frozenset[Stage]]] = {
    Stage.REPORTED: _CLOSED_EARLY | {Stage.UNDER_INVESTIGATION},
    Stage.UNDER_INVESTIGATION: _CLOSED_EARLY | {Stage.CHARGED},
    Stage.CHARGED: _CLOSED_EARLY | {Stage.ON_TRIAL},
    Stage.ON_TRIAL: _CLOSED_EARLY | {Stage.CONVICTED, Stage.ACQUITTED},
    Stage.CONVICTED: frozenset(),
    Stage.ACQUITTED: frozenset(),
    Stage.DISMISSED: frozenset(),
    Stage.WITHDRAWN: frozenset(),
}
"""Where a case can go next. What is over is over: proceedings anew are a new case."""

NEXT_APPEALS: Final[dict[Appeal, frozenset[Appeal]]] = {
    Appeal.NONE: frozenset({Appeal.PENDING, Appeal.UPHELD, Appeal.OVERTURNED}),
    Appeal.PENDING: frozenset({Appeal.NONE, Appeal.UPHELD, Appeal.OVERTURNED}),
    Appeal.UPHELD: frozenset({Appeal.PENDING, Appeal.OVERTURNED}),
    Appeal.OVERTURNED: frozenset(),
}
"""Where an appeal can go next; a withdrawn one leaves none, a higher court may hear another."""

_LABELS: Final[dict[LegalStatus | NoCase, str]] = {
    "NONE": "no case",
    LegalStatus.ALLEGED: "alleged; not proven",
    LegalStatus.CHARGED: "charged; not proven",
    LegalStatus.CONVICTED_APPEALABLE: "convicted, appeal still open; not proven",
    LegalStatus.CONVICTED_FINAL: "convicted by a final judgment",
    LegalStatus.ADMIN_FINAL: "final administrative decision",
    LegalStatus.ACQUITTED: "acquitted",
    LegalStatus.WITHDRAWN: "withdrawn or dismissed",
}

_GRAVITY: Final[tuple[LegalStatus, ...]] = (
    LegalStatus.CONVICTED_FINAL,
    LegalStatus.ADMIN_FINAL,
    LegalStatus.CONVICTED_APPEALABLE,
    LegalStatus.CHARGED,
    LegalStatus.ALLEGED,
)
"""Statuses that are spoken of, gravest first."""

_BEFORE_DECISION: Final = {
    Stage.REPORTED: LegalStatus.ALLEGED,
    Stage.UNDER_INVESTIGATION: LegalStatus.ALLEGED,
    Stage.CHARGED: LegalStatus.CHARGED,
    Stage.ON_TRIAL: LegalStatus.CHARGED,
    Stage.ACQUITTED: LegalStatus.ACQUITTED,
    Stage.DISMISSED: LegalStatus.WITHDRAWN,
    Stage.WITHDRAWN: LegalStatus.WITHDRAWN,
}


def legal_status(case: CaseFacts, on: date) -> LegalStatus:
    """What may be said of the party on a day.

    An administrative decision that is not final yet is no conviction of any kind: it reads as charged.
    """
    if case.stage is not Stage.CONVICTED:
        return _BEFORE_DECISION[case.stage]
    if case.appeal is Appeal.OVERTURNED:
        return LegalStatus.ACQUITTED
    final = case.appeal is not Appeal.PENDING and case.final_on is not None and case.final_on <= on
    if case.proceeding is Proceeding.ADMINISTRATIVE:
        return LegalStatus.ADMIN_FINAL if final else LegalStatus.CHARGED
    return LegalStatus.CONVICTED_FINAL if final else LegalStatus.CONVICTED_APPEALABLE


def is_proven(status: LegalStatus | NoCase) -> bool:
    """Whether a final decision stands behind it."""
    return status in (LegalStatus.CONVICTED_FINAL, LegalStatus.ADMIN_FINAL)


def is_spoken_of(status: LegalStatus) -> bool:
    """Whether screening mentions it; what ended without a finding leaves no trace."""
    return status in _GRAVITY


def label(status: LegalStatus | NoCase) -> str:
    """The status in plain words; whatever is open says that it is not proven."""
    return _LABELS[status]


def gravest(statuses: Iterable[LegalStatus]) -> LegalStatus | NoCase:
    """The gravest status that is spoken of, or NONE."""
    found = set(statuses)
    return next((status for status in _GRAVITY if status in found), "NONE")


def gravity(status: LegalStatus | NoCase) -> int:
    """For sorting, gravest first."""
    return len(_GRAVITY) if status == "NONE" else _GRAVITY.index(status)


def check_transition(before: CaseFacts, after: CaseFacts) -> None:
    """Refuse a change that the law does not know. A case first heard of may be at any stage.

    Raises:
        IllegalTransitionError: says from what to what.
    """
    if before.proceeding is not after.proceeding:
        raise IllegalTransitionError("a criminal case stays criminal and an administrative one administrative")
    if after.stage is not before.stage and after.stage not in NEXT_STAGES[before.stage]:
        raise IllegalTransitionError(f"a case does not go from {before.stage} to {after.stage}")
    if after.appeal is not before.appeal and after.appeal not in NEXT_APPEALS[before.appeal]:
        raise IllegalTransitionError(f"an appeal does not go from {before.appeal} to {after.appeal}")
