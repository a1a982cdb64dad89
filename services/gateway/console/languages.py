"""Languages of the console: its catalogues, and how days, instants and numbers are written in each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.support import NullTranslations

from shared.pages.languages import LANGUAGES, locale_of, marked
from shared.pages.languages import catalogue as catalogue_of_package

__all__ = ["LANGUAGES", "ZONES", "Language", "catalogue", "marked", "zone_of_member"]

ZONES: Final = {
    "Asia/Bangkok": "THA",
    "Asia/Brunei": "BRN",
    "Asia/Dili": "TLS",
    "Asia/Ho_Chi_Minh": "VNM",
    "Asia/Jakarta": "IDN",
    "Asia/Kuala_Lumpur": "MYS",
    "Asia/Manila": "PHL",
    "Asia/Phnom_Penh": "KHM",
    "Asia/Singapore": "SGP",
    "Asia/Vientiane": "LAO",
    "Asia/Yangon": "MMR",
    "UTC": "",
}
"""Time zones that can be chosen, each with the member whose capital has it."""


def zone_of_member(member: str) -> str:
    """The time zone of a member's capital; UTC for one that is not on the list."""
    return next((zone for zone, code in ZONES.items() if code == member), "UTC")


def catalogue(language: str) -> NullTranslations:
    """The console's translations of one language."""
    return catalogue_of_package(__package__, language)


@dataclass(frozen=True)
class Language:
    """How one visitor reads: language and time zone.

    Attributes:
        code: of LANGUAGES.
        zone: of ZONES.
    """

    code: str
    zone: str

    @property
    def locale(self) -> Locale:
        """Babel's locale."""
        return locale_of(self.code)

    @property
    def tz(self) -> tzinfo:
        """The time zone itself."""
        return ZoneInfo(self.zone)

    def say(self, text: str) -> str:
        """A marked text in this language."""
        return str(catalogue(self.code).gettext(text)) if text else ""

    def day(self, value: Any) -> str:
        """A day, or as much of one as is known (`1998-04` stays as it is)."""
        if isinstance(value, datetime):
            value = value.astimezone(self.tz).date()
        if isinstance(value, str):
            if len(value) < len("2026-01-31"):
                return value
            value = (
                datetime.fromisoformat(value).astimezone(self.tz).date() if "T" in value else date.fromisoformat(value)
            )
        return format_date(value, "d MMM y", locale=self.locale) if isinstance(value, date) else ""

    def instant(self, value: Any) -> str:
        """An instant in the visitor's zone, with the zone's distance from UTC."""
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if not isinstance(value, datetime):
            return ""
        text = format_datetime(value, "d MMM y, HH:mm", tzinfo=self.tz, locale=self.locale)
        minutes = int((value.astimezone(self.tz).utcoffset() or timedelta()).total_seconds() // 60)
        return f"{text} (UTC{minutes // 60:+d}{f':{minutes % 60:02d}' if minutes % 60 else ''})"

    def number(self, value: float) -> str:
        """A number with this language's separators."""
        return format_decimal(value, locale=self.locale)
