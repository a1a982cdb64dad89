"""One worker's contract before and after arrival, and what they paid against what may be charged. Pure."""

from fractions import Fraction
from typing import Final

from shared.contracts.registrations import Placement
from shared.contracts.terms import ContractTerms, Money
from shared.standards.ages import Sector
from shared.standards.placement_fees import FeeRule, highest_fee

ROUNDING: Final = Fraction(1, 20)
"""Of the wage: below it a difference may be rounding, or an allowance that one paper counts in."""
MORE_HOURS: Final = 4
"""A week, from which hours are more: half a working day may be how breaks are counted."""
OWN_COSTS: Final = Fraction(1, 4)
"""Of a month's wage, above what may be charged: passports and medical tests are seldom told apart from fees."""
_ISCO_DIGITS: Final = 2
"""Sub-major groups of ISCO-08: coders differ beyond them."""


def worse(promised: ContractTerms, given: ContractTerms) -> list[str]:
    """In what the contract after arrival is worse than the one before; what one does not state is no difference."""
    wage = _both(promised.wage, given.wage)
    taken = _both(promised.deductions, given.deductions)
    slack = ROUNDING * Fraction(promised.wage.amount) if promised.wage else 0
    hours, rest = (
        _ints(promised.hours_a_week, given.hours_a_week),
        _ints(promised.rest_days_a_month, given.rest_days_a_month),
    )
    found = {
        "occupation": _other_work(promised.occupation, given.occupation),
        "wage": wage is not None and wage[1] < wage[0] - slack,
        "deductions": taken is not None and taken[1] > taken[0] + slack,
        "hours": hours is not None and hours[1] > hours[0] + MORE_HOURS,
        "rest_days": rest is not None and rest[1] < rest[0],
    }
    return [name for name, differs in found.items() if differs]


def is_substituted(promised: ContractTerms | None, given: ContractTerms | None) -> bool | None:
    """Whether the contract is worse after arrival; None: one of the two is not known."""
    return None if promised is None or given is None else bool(worse(promised, given))


def is_above_cap(placement: Placement, origin: str | None, rules: tuple[FeeRule, ...]) -> bool | None:
    """Whether a worker paid more than may be charged; None: it cannot be said.

    Args:
        origin: the worker's nationality.
        rules: what may be charged.
    """
    terms, paid = placement.promised or placement.terms, placement.paid
    if paid is None or terms is None or terms.wage is None or origin is None:
        return None
    sector = Sector(placement.sector) if placement.sector in set(Sector) else Sector.ANY
    most = highest_fee(origin, placement.destination, sector, placement.start, terms.months, rules)
    amounts = _both(terms.wage, paid)
    if most is None or amounts is None:
        return None
    wage, sum_paid = amounts
    return sum_paid > (most + OWN_COSTS) * wage


def _both(one: Money | None, other: Money | None) -> tuple[Fraction, Fraction] | None:
    """Two amounts that can be compared: known, and in one currency."""
    if one is None or other is None or one.currency != other.currency:
        return None
    return Fraction(one.amount), Fraction(other.amount)


def _ints(one: int | None, other: int | None) -> tuple[int, int] | None:
    return None if one is None or other is None else (one, other)


def _other_work(one: str | None, other: str | None) -> bool:
    digits = min(len(one or ""), len(other or ""), _ISCO_DIGITS)
    return one is not None and other is not None and one[:digits] != other[:digits]
