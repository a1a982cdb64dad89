"""Whether a worker may be a child, or below the minimum age of the intended work. Pure; in doubt, a child.

Every birth date that is stated for the person counts: typed, zone, chip, seal, birth record, and what the same person,
by biometrics, stated elsewhere. An estimate of age from the face is none of them: its only effect is that a birth
record is asked for, and a decision that rests on it alone is refused (`services/registry/adjudication/rules.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.contracts.age_estimates import AgeEstimate
from shared.contracts.registrations import Placement, Signal, SignalCode, Strength
from shared.standards.ages import AgeRule, AgeStatus, Floor, Sector, age_floor, age_status, possibly_child
from shared.standards.dates import DateInterval


@dataclass(frozen=True)
class BirthClaim:
    """A birth date that somebody or something states for this person."""

    source: str  # typed, mrz, chip, seal, birth_record, or the id of another registration
    interval: DateInterval


def age_signals(
    claims: list[BirthClaim],
    nationality: str | None,
    placement: Placement | None,
    today: date,
    rules: tuple[AgeRule, ...],
) -> list[Signal]:
    """What the stated birth dates mean on the day the work would begin.

    Args:
        claims: this registration's own first, then those of the same person elsewhere.
        nationality: the origin whose rules apply, ISO 3166-1 alpha-3.
        placement: the intended work; none: only the question whether it may be a child.
        today: the present day.
        rules: dated, sourced minimum ages.

    Returns:
        CHILD_POSSIBLE when any claim makes the person possibly under 18, today or when the work begins: who is 14 today
        is a child, however far off the work; else a sector minimum not reached or not
        certain. Never both: a child is a matter of child protection alone.
    """
    on = placement.start if placement else today
    child_on = min(on, today)
    young = [claim for claim in claims if possibly_child(claim.interval, child_on)]
    if young:
        return [_child(young, len(claims), child_on)]
    if placement is None:
        return []
    sector = Sector(placement.sector) if placement.sector in set(Sector) else Sector.ANY
    floor = age_floor(nationality or "", placement.destination, sector, on, rules)
    statuses = {claim: age_status(claim.interval, floor.minimum, on) for claim in claims}
    worst = max(statuses.values(), key=_severity)
    return [_below(worst, floor, on, statuses)] if worst is not AgeStatus.ABOVE else []


def looks_young(estimate: AgeEstimate) -> Signal | None:
    """A face that looks younger than the limit: a reason to ask for a birth record, and nothing else."""
    if estimate.years >= estimate.limit:
        return None
    return Signal(
        code=SignalCode.AGE_ESTIMATE_YOUNG,
        strength=Strength.WEAK,
        evidence=estimate.model_dump(mode="json"),
        rule="CRC General Comment 6, para. 31: not by appearance alone; the error was measured",
        says=f"By the face, an estimate below {estimate.limit:g} years: ask for a birth record.",
        does_not_prove="Any age: the estimate errs by years, by some groups more, and misses a third of minors. "
        "It opens no case and is never the only ground of a decision.",
    )


def _named(claim: BirthClaim) -> str:
    """A source; which other registration of the person it was tells nothing of the age, and may not be told."""
    papers = {"typed", "mrz", "chip", "seal", "birth_record"}
    return claim.source if claim.source in papers else "another registration"


def _row(rule: AgeRule) -> dict[str, str | int]:
    """A rule as a reviewer sees it: whose it is, what it says, on what it rests and how sure that is."""
    return {
        "set_by": rule.iso,
        "side": rule.side.value,
        "sector": rule.sector.value,
        "minimum": rule.minimum,
        "basis": rule.basis,
        "confidence": rule.confidence.value,
    }


def _severity(status: AgeStatus) -> int:
    return (AgeStatus.ABOVE, AgeStatus.UNDETERMINED, AgeStatus.BELOW).index(status)


def _child(young: list[BirthClaim], total: int, on: date) -> Signal:
    return Signal(
        code=SignalCode.CHILD_POSSIBLE,
        strength=Strength.STRONG if len(young) == total else Strength.MEDIUM,
        evidence={"on": on.isoformat(), "claims": [claim.source for claim in young], "of": total},
        rule="UN CRC Art. 1; ILO C182 Art. 2 (a child is a person under 18); CRC General Comment 6, para. 31",
        says="By at least one stated birth date this person may be under 18, today or on the day the work would begin.",
        does_not_prove="Which of the stated birth dates is true. In doubt the person is protected as a child.",
    )


def _below(status: AgeStatus, floor: Floor, on: date, statuses: Mapping[BirthClaim, AgeStatus]) -> Signal:
    below = status is AgeStatus.BELOW
    told = {each.value: sorted({_named(claim) for claim, of in statuses.items() if of is each}) for each in AgeStatus}
    agreed = set(statuses.values()) == {AgeStatus.BELOW}
    return Signal(
        code=SignalCode.BELOW_SECTOR_MINIMUM if below else SignalCode.AGE_UNDETERMINED,
        strength=(Strength.STRONG if agreed else Strength.MEDIUM) if below else Strength.WEAK,
        evidence={
            "on": on.isoformat(),
            "minimum": floor.minimum,
            "claims": {status: sources for status, sources in told.items() if sources},
            "rules": [_row(rule) for rule in floor.fired],
            "unconfirmed": [_row(rule) for rule in floor.advisory],
        },
        rule="the highest confirmed minimum age of origin, destination and sector on the intended first day",
        says="An adult below the minimum age of this work." if below else "The birth date leaves the age open.",
        does_not_prove="Any fault of the worker: this goes to the labour office and bars nobody from other work.",
    )
