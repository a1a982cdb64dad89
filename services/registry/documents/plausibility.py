"""Whether a document's number and dates are possible. Pure; the shapes of numbers are data."""

import csv
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

from services.registry.documents.words import signal
from shared.contracts.registrations import Signal, SignalCode, Strength, TravelDocument
from shared.standards.dates import DateInterval, DateIntervalError, parse_partial_date
from shared.standards.mrz import Mrz, MrzFormatError, expiry_date

_LONGEST: Final = timedelta(days=3653 + 275)
"""Ten years, and the nine months that some states carry over from the passport before."""


@dataclass(frozen=True)
class NumberFormat:
    """The shape of an issuer's document numbers, and where that is known from."""

    issuer: str
    pattern: re.Pattern[str]
    basis: str
    confidence: str


@cache
def number_formats() -> tuple[NumberFormat, ...]:
    """The shapes shipped with this release."""
    text = files("services.registry.documents").joinpath("number_formats.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        NumberFormat(row["issuer"], re.compile(row["pattern"]), row["basis"], row["confidence"]) for row in rows
    )


def number_signal(identity: tuple[str, str] | None) -> Signal | None:
    """Whether a number has no shape that is known of its issuer. Of an issuer without shapes nothing is said."""
    if identity is None:
        return None
    issuer, number = identity
    known = [each for each in number_formats() if each.issuer == issuer]
    if not known or any(each.pattern.fullmatch(number) for each in known):
        return None
    shape = re.sub(r"\d", "9", re.sub(r"[A-Z]", "A", number))
    unconfirmed = all(each.confidence == "M" for each in known)
    return signal(
        SignalCode.DOCUMENT_NUMBER_FORMAT,
        Strength.WEAK,
        issuer=issuer,
        shape=shape,
        known=[each.basis for each in known],
        unconfirmed=unconfirmed,
    )


def date_signals(document: TravelDocument, zone: Mrz | None, birth: DateInterval | None, today: date) -> list[Signal]:
    """What the dates of a document say.

    Args:
        document: as it was sent, with the dates that were typed.
        zone: its zone.
        birth: of the bearer, by the zone or as typed.
        today: the present day.
    """
    wrong: list[str] = []
    issued, expires = _typed(document.issued, "issued", wrong), _typed(document.expires, "expires", wrong)
    last_days = [day for day in (_zone_expiry(zone, today, wrong), expires.latest if expires else None) if day]
    wrong += _impossible(issued, last_days, birth, today)
    found = [signal(SignalCode.DOCUMENT_DATES_IMPOSSIBLE, Strength.MEDIUM, wrong=wrong)] if wrong else []
    if last_days and min(last_days) < today:
        expired = min(last_days).isoformat()
        found.append(signal(SignalCode.DOCUMENT_EXPIRED, Strength.WEAK, expired=expired, on=today.isoformat()))
    return found


def _impossible(
    issued: DateInterval | None, last_days: list[date], birth: DateInterval | None, today: date
) -> list[str]:
    checks = {
        "issued: a day that is still to come": issued and issued.earliest > today,
        "issued: before the bearer was born": issued and birth and issued.latest < birth.earliest,
        "expires: the zone and what was typed differ": len(set(last_days)) > 1 and _apart(last_days),
        "expires: not after it was issued": issued and last_days and min(last_days) <= issued.earliest,
        "expires: too far off": last_days and max(last_days) - (issued.earliest if issued else today) > _LONGEST,
    }
    return [said for said, holds in checks.items() if holds]


def _apart(last_days: list[date]) -> bool:
    """More than what an unknown day or month explains."""
    return max(last_days) - min(last_days) > timedelta(days=31)


def _typed(text: str | None, field: str, wrong: list[str]) -> DateInterval | None:
    if text is None:
        return None
    try:
        return parse_partial_date(text)
    except DateIntervalError:
        wrong.append(f"{field}: no such day")
        return None


def _zone_expiry(zone: Mrz | None, today: date, wrong: list[str]) -> date | None:
    if zone is None:
        return None
    try:
        return expiry_date(zone.expiry, today)
    except MrzFormatError:
        wrong.append("expires: no such day")
        return None
