"""Whether a worker may be a child, or below the minimum age of the intended work. Pure; in doubt, a child."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.registrations import Placement, Signal, SignalCode, Strength
from shared.standards.ages import AgeRule, AgeStatus, Floor, Sector, age_floor, age_status, possibly_child
from shared.standards.dates import DateInterval


@dataclass(frozen=True)
class BirthClaim:
    """A birth date that somebody or something states for this person."""

    source: str  # typed, mrz, registration:ID
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
    worst = max((age_status(claim.interval, floor.minimum, on) for claim in claims), key=_severity)
    return [_below(worst, floor, on)] if worst is not AgeStatus.ABOVE else []


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


def _below(status: AgeStatus, floor: Floor, on: date) -> Signal:
    below = status is AgeStatus.BELOW
    return Signal(
        code=SignalCode.BELOW_SECTOR_MINIMUM if below else SignalCode.AGE_UNDETERMINED,
        strength=Strength.STRONG if below else Strength.WEAK,
        evidence={
            "on": on.isoformat(),
            "minimum": floor.minimum,
            "rules": [rule.basis for rule in floor.fired],
            "unconfirmed": [rule.basis for rule in floor.advisory],
        },
        rule="the highest confirmed minimum age of origin, destination and sector on the intended first day",
        says="An adult below the minimum age of this work." if below else "The birth date leaves the age open.",
        does_not_prove="Any fault of the worker: this goes to the labour office and bars nobody from other work.",
    )
