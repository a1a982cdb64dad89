"""What a claim comes to, line by line: wages, fees above the lawful ones, damages. Pure."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Final

from services.registry.redress.rules import AmountTooLargeError
from shared.contracts.redress import MOST, ClaimBody, Computation, ComputedLine, FeesBody, WagesBody
from shared.standards.ages import Confidence, Side
from shared.standards.currencies import currency
from shared.standards.placement_fees import FeeRule, fee_rules, highest_fee, load_fee_rules
from shared.standards.wages import Line, LineKind, Terms, WorkedMonth, line, settled, total, wage_lines

_SHOWN_TO: Final = 10_000
_ONE: Final = Decimal(1)


def compute(body: ClaimBody) -> Computation:
    """The lines, their sum, and by which rules.

    Raises:
        AmountTooLargeError: it comes to more than a claim can be of.
    """
    rules: tuple[FeeRule, ...] = ()
    if body.wages is not None:
        lines = _wages(body.wages)
    elif body.fees is not None:
        rules = governing(body.fees)
        lines = _fees(body.fees)
    else:
        harms = body.damages.items if body.damages is not None else []
        lines = tuple(line(LineKind.DAMAGE, each.what, _ONE, Fraction(each.amount)) for each in harms)
    if max(abs(each.amount) for each in lines) > MOST or total(lines) > MOST:
        raise AmountTooLargeError("it comes to more than a claim can be of")
    return Computation(
        currency=body.currency,
        digits=currency(body.currency).digits,
        lines=[_shown(each) for each in lines],
        total=total(lines),
        rules=[f"{rule.iso}: {rule.rule} ({rule.basis})" for rule in rules],
        confirmed=all(rule.confidence is not Confidence.UNCONFIRMED for rule in rules),
    )


def days_of(body: ClaimBody) -> list[date]:
    """Days that a claim says have been; of a month of work its first."""
    months = body.wages.months if body.wages else []
    asked = [body.fees.asked_on, *(each.paid_on for each in body.fees.payments)] if body.fees else []
    return [*(date.fromisoformat(f"{each.month}-01") for each in months), *(day for day in asked if day)]


def governing(fees: FeesBody) -> tuple[FeeRule, ...]:
    """Rules on the fees of a corridor: those of the two states; where neither has one, the international standard."""
    found = fee_rules(fees.origin, fees.destination, fees.sector, fees.asked_on, _rules())
    national = tuple(rule for rule in found if rule.side is not Side.INTERNATIONAL)
    return national or found


def _wages(body: WagesBody) -> tuple[Line, ...]:
    terms = Terms(body.wage, body.period, body.hours_a_day, body.days_a_week, body.overtime_rate)
    months = sorted(body.months, key=lambda each: each.month)
    return wage_lines(terms, (WorkedMonth(each.month, each.worked, each.overtime_hours, each.paid) for each in months))


def _fees(body: FeesBody) -> tuple[Line, ...]:
    """What was paid, less what national law lets be asked; with no national rule, nothing may be."""
    paid = [line(LineKind.FEE_PAID, each.what, _ONE, Fraction(each.amount)) for each in body.payments]
    corridor = (body.origin, body.destination, body.sector, body.asked_on)
    cap = highest_fee(*corridor, body.contract_months, _rules())
    allowed = [line(LineKind.FEE_ALLOWED, "", _ONE, -cap * body.wage)] if cap else []
    return settled([*paid, *allowed])


def _shown(each: Line) -> ComputedLine:
    rate = Decimal(round(each.rate * _SHOWN_TO)) / _SHOWN_TO
    return ComputedLine(kind=each.kind, of=each.of, quantity=each.quantity, rate=rate, amount=each.amount)


@cache
def _rules() -> tuple[FeeRule, ...]:
    return load_fee_rules()
