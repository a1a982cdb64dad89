"""Licences as rules: which status follows which, and which of the periods told of a licence holds on a day.

A licence under appeal continues: a decision against it that is appealed changes nothing until the appeal is decided,
unless the decision itself says that it takes effect at once. One that was overturned is as if it had never been.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.registry.bitemporal import holding
from shared.contracts.licences import LicenceAppeal, LicenceStatus, Requirement, RequirementCheck
from shared.contracts.problem import FieldProblem

_S = LicenceStatus

ADVERSE: Final = frozenset(
    {_S.REFUSED, _S.CONDITIONS, _S.SUSPENDED, _S.PREVENTIVE_SUSPENSION}
    | {_S.CANCELLED, _S.DELISTED, _S.DENIED_RENEWAL, _S.BANNED}
)
"""Decisions against the licensee: they can be appealed."""

_ENDS: Final = frozenset({_S.CANCELLED, _S.EXPIRED, _S.DELISTED, _S.DENIED_RENEWAL, _S.BANNED})
_RUNNING: Final = frozenset({_S.VALID, _S.CONDITIONS, _S.SUSPENDED, _S.PREVENTIVE_SUSPENSION})

NEXT_STATUSES: Final[dict[LicenceStatus, frozenset[LicenceStatus]]] = {
    _S.APPLIED: frozenset({_S.PROVISIONAL, _S.VALID, _S.CONDITIONS, _S.REFUSED, _S.BANNED}),
    _S.REFUSED: frozenset({_S.APPLIED, _S.BANNED}),
    _S.PROVISIONAL: _RUNNING | _ENDS,
    _S.VALID: _RUNNING | _ENDS,
    _S.CONDITIONS: _RUNNING | _ENDS,
    _S.SUSPENDED: _RUNNING | _ENDS,
    _S.PREVENTIVE_SUSPENSION: _RUNNING | _ENDS,
    _S.EXPIRED: frozenset({_S.APPLIED, _S.VALID, _S.DENIED_RENEWAL, _S.DELISTED, _S.BANNED}),
    _S.CANCELLED: frozenset({_S.APPLIED, _S.DELISTED, _S.BANNED}),
    _S.DELISTED: frozenset({_S.APPLIED, _S.BANNED}),
    _S.DENIED_RENEWAL: frozenset({_S.APPLIED, _S.DELISTED, _S.BANNED}),
    _S.BANNED: frozenset(),
}
"""What may follow a status. A late renewal follows an expiry; who lost a licence applies anew; a ban is for good."""

NEXT_APPEALS: Final[dict[LicenceAppeal, frozenset[LicenceAppeal]]] = {
    LicenceAppeal.NONE: frozenset({LicenceAppeal.PENDING, LicenceAppeal.UPHELD, LicenceAppeal.OVERTURNED}),
    LicenceAppeal.PENDING: frozenset({LicenceAppeal.NONE, LicenceAppeal.UPHELD, LicenceAppeal.OVERTURNED}),
    LicenceAppeal.UPHELD: frozenset({LicenceAppeal.PENDING, LicenceAppeal.OVERTURNED}),
    LicenceAppeal.OVERTURNED: frozenset(),
}
"""Where the appeal against a decision can go next."""


class IllegalStatusError(Exception):
    """A licence cannot get from the status it had to the one told.

    Args:
        text: from what to what.
        field: what cannot change so.
        legal: what it may be instead; empty: only a correction helps.
    """

    def __init__(self, text: str, field: str, legal: Iterable[str] = ()) -> None:
        known = sorted(legal)
        hint = (
            f"one of: {', '.join(known)}"
            if known
            else "nothing else; what was wrongly told is put right by a correction"
        )
        super().__init__(f"{text}; possible: {hint}")
        self.errors = [FieldProblem(pointer=f"/body/{field}", detail=hint)]


@dataclass(frozen=True)
class Period:
    """A status from one day to another, both included; `valid_to` None: until told otherwise."""

    status: LicenceStatus
    national_code: str | None
    valid_from: date
    valid_to: date | None
    appeal: LicenceAppeal = LicenceAppeal.NONE
    effective_despite_appeal: bool = False

    def covers(self, on: date) -> bool:
        """Whether the day lies in it."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def is_of(self, other: "Period") -> bool:
        """Whether it is the same decision, told with something new about it."""
        return (self.status, self.valid_from) == (other.status, other.valid_from)

    @property
    def is_stayed(self) -> bool:
        """A decision against the licensee that an open appeal keeps from taking effect."""
        pending = self.appeal is LicenceAppeal.PENDING and not self.effective_despite_appeal
        return self.status in ADVERSE and pending


@dataclass(frozen=True)
class Standing:
    """How a licence stands on a day.

    Attributes:
        under_appeal: a decision against it is stayed; without the appeal it would stand worse.
    """

    period: Period
    under_appeal: bool


def standing_on(told: Sequence[Period], on: date) -> Standing | None:
    """How a licence stands on a day.

    Args:
        told: periods in the order in which they were told, without those that were struck.
        on: the day.

    Returns:
        None before the first period.
    """
    periods = _last_words(told)
    open_appeals = [period for period in periods if period.is_stayed and period.covers(on)]
    effective = [period for period in periods if not period.is_stayed]
    if not open_appeals:
        period = period_on(effective, on)
        return None if period is None else Standing(period, under_appeal=False)
    first = min(period.valid_from for period in open_appeals)
    before = None if first == date.min else period_on(effective, first - timedelta(days=1))
    now = period_on(effective, on)
    ran_out = now is None or now.status is LicenceStatus.EXPIRED
    continued = before if ran_out and before is not None else now
    return None if continued is None else Standing(continued, under_appeal=True)


def last_word(told: Sequence[Period], new: Period) -> Period | None:
    """What was told last of the same decision; None: nothing yet."""
    return next((period for period in reversed(told) if period.is_of(new)), None)


def _last_words(told: Sequence[Period]) -> list[Period]:
    """Of each decision what was told last, in the order of their first days; those that were overturned are gone."""
    last: dict[tuple[LicenceStatus, date], Period] = {}
    for period in told:
        last[period.status, period.valid_from] = period
    standing = [period for period in last.values() if period.appeal is not LicenceAppeal.OVERTURNED]
    return sorted(standing, key=lambda period: period.valid_from)


def period_on(periods: Sequence[Period], on: date) -> Period | None:
    """The period that holds on a day: of those that cover it, the one told last.

    When none covers it any more, the one that ended last, as expired: a licence that nobody renewed, or a suspension
    after which nobody said that the licence is valid again, is not valid. A refusal, a ban and the like do not turn
    into an expiry by running out of time.

    Args:
        periods: in the order in which they were told.
        on: the day.

    Returns:
        None before the first period.
    """
    covering = holding(periods, on)
    if covering is not None:
        return covering
    ended = [period for period in periods if period.valid_to is not None and period.valid_to < on]
    if not ended:
        return None
    last = max(ended, key=lambda period: period.valid_to or date.max)
    if last.status not in _RUNNING | {LicenceStatus.PROVISIONAL}:
        return last
    return Period(LicenceStatus.EXPIRED, last.national_code, last.valid_from, last.valid_to)


def check_period(told: Sequence[Period], new: Period) -> None:
    """Refuse a period that cannot follow what was told. A licence first heard of may have any status.

    Raises:
        IllegalStatusError: says from what to what, and what would be possible.
    """
    if new.appeal is not LicenceAppeal.NONE and new.status not in ADVERSE:
        raise IllegalStatusError("nobody appeals against this status", "appeal", [LicenceAppeal.NONE])
    same = last_word(told, new)
    if same is not None:
        _check_appeal(same, new)
        return
    if not told:
        return
    latest = max(period.valid_from for period in told)
    if new.valid_from < latest:
        raise IllegalStatusError("a period is told that begins before the last one", "valid_from")
    status = _status_before(told, new.valid_from)
    if status is not None and new.status is not status and new.status not in NEXT_STATUSES[status]:
        raise IllegalStatusError(
            f"a licence does not go from {status} to {new.status}", "status", {status, *NEXT_STATUSES[status]}
        )


def _check_appeal(before: Period, after: Period) -> None:
    if after.appeal is not before.appeal and after.appeal not in NEXT_APPEALS[before.appeal]:
        raise IllegalStatusError(
            f"an appeal does not go from {before.appeal} to {after.appeal}", "appeal", NEXT_APPEALS[before.appeal]
        )


def _status_before(told: Sequence[Period], on: date) -> LicenceStatus | None:
    """The status that a period from a day on follows: that of the day, or of the day before if it ran out then.

    Returns:
        None: everything told was overturned.
    """
    standing = standing_on(told, on)
    if standing is not None and standing.period.status is LicenceStatus.EXPIRED and on > date.min:
        standing = standing_on(told, on - timedelta(days=1)) or standing
    return None if standing is None else standing.period.status


def unmet(checks: Iterable[RequirementCheck]) -> list[Requirement]:
    """Requirements that were not met when they were looked at last, or that nobody looked at."""
    latest: dict[Requirement, RequirementCheck] = {}
    for check in sorted(checks, key=lambda check: check.checked_on):
        latest[check.requirement] = check
    return [each for each in Requirement if each not in latest or not latest[each].met]
