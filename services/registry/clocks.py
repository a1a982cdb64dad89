"""How long what may be said, kept or waited for, by member: data with its source, in clocks.csv."""

import calendar
import csv
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

_EVERY_MEMBER: Final = "*"


class Clock(StrEnum):
    """What is counted."""

    UNPROVEN = "unproven"
    ADMIN_FINAL = "admin_final"
    CIVIL_FINAL = "civil_final"
    CONVICTED_FINAL = "convicted_final"
    REPLY = "reply"
    REVIEW = "review"
    LISTED = "listed"
    AGREEMENT = "agreement"
    REFLECTION = "reflection"
    SUPPORT_CLOSED = "support_closed"
    CLAIM_ENDED = "claim_ended"
    PAYMENT_POSTED = "payment_posted"


@dataclass(frozen=True)
class Term:
    """A length of time and where it is from.

    Attributes:
        amount: how many; None: the clock does not run.
        unit: days or months.
        source, confidence: whether somebody has checked it against the text.
    """

    amount: int | None
    unit: str
    source: str
    confidence: str

    def last_day(self, begin: date) -> date | None:
        """The last day of the term that begins on a day; None: there is none."""
        if self.amount is None:
            return None
        try:
            return begin + timedelta(days=self.amount) if self.unit == "days" else add_months(begin, self.amount)
        except (OverflowError, ValueError):
            return date.max

    def last_over(self, today: date) -> date | None:
        """The last day on which a term began that is over; None: none ever is."""
        if self.amount is None:
            return None
        back = today - timedelta(days=self.amount) if self.unit == "days" else add_months(today, -self.amount)
        over = (back + timedelta(days=shift) for shift in range(3, -5, -1))  # months differ by up to three days
        return next(day for day in over if (self.last_day(day) or today) < today)


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def term(member: str, clock: Clock) -> Term:
    """What a member's law says, or the rule for those of whom nothing is known."""
    terms = _terms()
    return terms.get((member, clock)) or terms[_EVERY_MEMBER, clock]


@cache
def _terms() -> dict[tuple[str, str], Term]:
    text = files(__package__).joinpath("clocks.csv").read_text(encoding="utf-8")
    return {(row["member"], row["clock"]): _term(row) for row in csv.DictReader(text.splitlines())}


def _term(row: dict[str, str]) -> Term:
    amount = int(row["amount"]) if row["amount"] else None
    return Term(amount, row["unit"], row["source"], row["confidence"])
