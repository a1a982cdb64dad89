"""Due process as rules: what a case's stage and appeal allow to be said, and which way a case can go.

Nothing counts as proven before a conviction or decision that no ordinary appeal can change any more; what ended without
a finding is not spoken of at all.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, Protocol

from services.registry.clocks import Clock, term
from shared.contracts.cases import Appeal, LegalStatus, Proceeding, SanctionBody, Stage
from shared.contracts.problem import FieldProblem
from shared.contracts.screening import NoCase


class IllegalTransitionError(Exception):
    """A case cannot go from where it is to where it is said to be.

    Args:
        text: from what to what.
        field: what cannot change so.
        legal: what it may be instead, in words of the wire; empty: it stays as it is.
    """

    def __init__(self, text: str, field: str, legal: Iterable[str] = ()) -> None:
        known = sorted(legal)
        hint = f"one of: {', '.join(known)}" if known else "nothing else; a wrong step is put right by a correction"
        super().__init__(f"{text}; possible: {hint}")
        self.errors = [FieldProblem(pointer=f"/body/{field}", detail=hint)]


class DecisionMissingError(Exception):
    """A correction makes a case graver, and does not say which decision it rests on."""


class CaseFacts(Protocol):
    """What the rules need to know of a case."""

    @property
    def proceeding(self) -> Proceeding: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def stage_on(self) -> date | None: ...
    @property
    def appeal(self) -> Appeal: ...
    @property
    def appeal_on(self) -> date | None: ...
    @property
    def stay(self) -> bool: ...
    @property
    def opened_on(self) -> date: ...
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
    LegalStatus.CIVIL_FINAL: "final civil judgment",
    LegalStatus.ACQUITTED: "acquitted",
    LegalStatus.WITHDRAWN: "withdrawn or dismissed",
}

_GRAVITY: Final[tuple[LegalStatus, ...]] = (
    LegalStatus.CONVICTED_FINAL,
    LegalStatus.ADMIN_FINAL,
    LegalStatus.CIVIL_FINAL,
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


_FINAL: Final = {
    Proceeding.CRIMINAL: LegalStatus.CONVICTED_FINAL,
    Proceeding.ADMINISTRATIVE: LegalStatus.ADMIN_FINAL,
    Proceeding.CIVIL: LegalStatus.CIVIL_FINAL,
}
_OPEN: Final = {
    Proceeding.CRIMINAL: LegalStatus.CONVICTED_APPEALABLE,
    Proceeding.ADMINISTRATIVE: LegalStatus.CHARGED,
    Proceeding.CIVIL: LegalStatus.ALLEGED,
}


def legal_status(case: CaseFacts, on: date) -> LegalStatus:
    """What may be said of the party on a day.

    An administrative decision that is not final yet is no conviction of any kind: it reads as charged. A civil claim
    charges nobody: until a judgment is final it reads as alleged.
    """
    if case.stage is not Stage.CONVICTED:
        status = _BEFORE_DECISION[case.stage]
        civil = case.proceeding is Proceeding.CIVIL and status is LegalStatus.CHARGED
        return LegalStatus.ALLEGED if civil else status
    if case.appeal is Appeal.OVERTURNED:
        return LegalStatus.ACQUITTED
    final = case.appeal is not Appeal.PENDING and case.final_on is not None and case.final_on <= on
    return (_FINAL if final else _OPEN)[case.proceeding]


def is_proven(status: LegalStatus | NoCase) -> bool:
    """Whether a final decision stands behind it."""
    return status in _FINAL.values()


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
        IllegalTransitionError: says from what to what, and what would be possible.
    """
    if before.proceeding is not after.proceeding:
        raise IllegalTransitionError("a proceeding does not change its kind", "proceeding", [before.proceeding])
    if after.stage is not before.stage and after.stage not in NEXT_STAGES[before.stage]:
        raise IllegalTransitionError(
            f"a case does not go from {before.stage} to {after.stage}", "stage", NEXT_STAGES[before.stage]
        )
    if after.appeal is not before.appeal and after.appeal not in NEXT_APPEALS[before.appeal]:
        raise IllegalTransitionError(
            f"an appeal does not go from {before.appeal} to {after.appeal}", "appeal", NEXT_APPEALS[before.appeal]
        )
    _check_days(before, after)


def _check_days(before: CaseFacts, after: CaseFacts) -> None:
    """Days come in order, and one that was told stays: another one is a correction."""
    if after.opened_on != before.opened_on:
        raise IllegalTransitionError("a case keeps the day it was opened on", "opened_on", [str(before.opened_on)])
    if before.stage_on is not None and not _follows(
        before.stage_on, after.stage_on, moved=after.stage is not before.stage
    ):
        raise IllegalTransitionError("the stage was not reached in this order of days", "stage_on")
    if before.appeal_on is not None and not _follows(
        before.appeal_on, after.appeal_on, moved=after.appeal is not before.appeal
    ):
        raise IllegalTransitionError("the appeal did not go in this order of days", "appeal_on")
    if before.final_on is not None and after.appeal is before.appeal and after.final_on != before.final_on:
        raise IllegalTransitionError(
            "what is final stays so unless an appeal reopens it", "final_on", [str(before.final_on)]
        )


def _follows(before: date, after: date | None, *, moved: bool) -> bool:
    """Whether a day may follow another: the same one where nothing moved, else not an earlier one."""
    return (after is None or after >= before) if moved else after == before


def check_correction(before: CaseFacts, after: CaseFacts, on: date, *, decided: bool, moved: bool = False) -> None:
    """Let a correction pass: it may go anywhere, but to something graver only with the decision that it rests on.

    Args:
        decided: it names the court and the digest of the decision.
        moved: it is another party's case from now on; for that party a judgment is graver than what was said.

    Raises:
        DecisionMissingError: it makes the case graver without them.
    """
    said = LegalStatus.CHARGED if moved else legal_status(before, on)
    if is_graver(legal_status(after, on), said) and not decided:
        raise DecisionMissingError("a correction to something graver names the court and the decision's digest")


def is_graver(status: LegalStatus, than: LegalStatus) -> bool:
    """Whether one status says worse of a party than another."""
    return _weight(status) < _weight(than)


def _weight(status: LegalStatus) -> int:
    return _GRAVITY.index(status) if status in _GRAVITY else len(_GRAVITY)


def in_force(case: CaseFacts, sanction: SanctionBody, on: date) -> bool:
    """Whether what was ordered may be enforced on a day: not when overturned, nor while an appeal stays it."""
    stopped = case.appeal is Appeal.OVERTURNED or (case.appeal is Appeal.PENDING and case.stay)
    begun = sanction.since is None or sanction.since <= on
    return case.stage is Stage.CONVICTED and not stopped and begun and (sanction.until is None or on <= sanction.until)


_CLOCKS: Final = {
    LegalStatus.CONVICTED_FINAL: Clock.CONVICTED_FINAL,
    LegalStatus.ADMIN_FINAL: Clock.ADMIN_FINAL,
    LegalStatus.CIVIL_FINAL: Clock.CIVIL_FINAL,
}


def spoken_of_until(case: CaseFacts, member: str, last_told: date, on: date) -> date | None:
    """Last day on which a case is spoken of: the unproven as long as its member has news, the final as its law says.

    Args:
        last_told: when its member last told anything new of it; the same told again is no news.

    Returns:
        None: no end.
    """
    status = legal_status(case, on)
    clock = _CLOCKS.get(status, Clock.UNPROVEN)
    return term(member, clock).last_day(last_told if clock is Clock.UNPROVEN else case.final_on or last_told)


def first_day(case: CaseFacts, told_on: date, *, is_first: bool) -> date:
    """The first day that a statement about a case speaks of.

    Where no day was told: of the first statement the day the case was opened on, of a later one the day it was told.
    """
    days = [day for day in (case.stage_on, case.appeal_on) if day is not None]
    return max(days) if days else case.opened_on if is_first else told_on
