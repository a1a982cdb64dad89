"""The six-character dates of the MRZ, with their unknown parts and missing century."""

from __future__ import annotations

from datetime import date

from shared.standards.dates import DateInterval, DateIntervalError, month_interval, year_interval
from shared.standards.mrz.alphabet import MrzFormatError

OLDEST_AGE = 120  # years; how far back a wholly unknown birth date may lie

_UNKNOWN = frozenset({"<<", "00"})


def birth_interval(raw: str, today: date) -> DateInterval:
    """The days on which the holder may have been born.

    The century is the one that puts the birth on or before today: a two-digit year of this century where
    that is possible, else 19yy. `<<` or 00 is an unknown month or day; a date of fillers or zeros only is
    wholly unknown.

    Args:
        raw: yymmdd as printed.
        today: the day of capture; nobody is born after it.

    Raises:
        MrzFormatError: not a date.
    Source: ICAO Doc 9303-3, 4.8 (dates, unknown parts).
    """
    year, month, day = _parts("birth date", raw)
    if raw in {"<<<<<<", "000000"} or year == "<<":
        return DateInterval(date(today.year - OLDEST_AGE, 1, 1), today)
    century = today.year - today.year % 100
    # Both centuries are built: 29 February may exist in only one of them.
    for start in (century, century - 100):
        try:
            interval = _interval("birth date", start + int(year), month, day)
        except DateIntervalError:
            continue
        if interval.earliest <= today:
            return DateInterval(interval.earliest, min(interval.latest, today))
    raise MrzFormatError("birth date: no such day")


def expiry_date(raw: str, today: date) -> date | None:
    """The last day of validity; None where the document states none.

    The century is the one that puts the year within 50 years of today. An unknown month or day runs to
    its end.

    Raises:
        MrzFormatError: not a date.
    Source: ICAO Doc 9303-3, 4.8; the window is ours, the standard gives none for expiry.
    """
    year, month, day = _parts("expiry date", raw)
    if raw in {"<<<<<<", "000000"} or year == "<<":
        return None
    full = today.year - 50 + (int(year) - (today.year - 50)) % 100
    try:
        return _interval("expiry date", full, month, day).latest
    except DateIntervalError as error:
        raise MrzFormatError("expiry date: no such day") from error


def _parts(field: str, raw: str) -> tuple[str, str, str]:
    parts = raw[0:2], raw[2:4], raw[4:6]
    known = all(part == "<<" or (part.isascii() and part.isdigit()) for part in parts)
    if len(raw) != 6 or not known:
        raise MrzFormatError(f"{field}: not six characters yymmdd")
    return parts


def _interval(field: str, year: int, month: str, day: str) -> DateInterval:
    if month in _UNKNOWN:
        return year_interval(year)
    whole = month_interval(year, int(month))
    if day in _UNKNOWN:
        return whole
    if int(day) > whole.latest.day:
        raise DateIntervalError(f"{field}: no such day")
    return DateInterval.exactly(date(year, int(month), int(day)))
