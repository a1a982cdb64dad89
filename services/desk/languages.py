"""What the desk says, kept until it is known in which language, and how durations and numbers are written in each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, get_currency_name

from shared.pages.languages import catalogue, locale_of


class Saying:
    """A text with places for values, such as `%(wait)s`; the catalogues are made from the first argument of this.

    Args:
        text: in English; the key of the catalogues.
        values: by their places. Numbers and durations are written as the language writes them.
    """

    def __init__(self, text: str, **values: str | int | timedelta) -> None:
        self.text = text
        self.values = values

    def __str__(self) -> str:
        """In English, for a command line."""
        return Language("en").say(self)


@dataclass(frozen=True)
class Language:
    """How the officer reads. `code` is one of the pages' languages."""

    code: str

    def say(self, told: Saying | str | None) -> str:
        """A saying, or a marked text. What no catalogue knows, such as the gateway's own words, stays as it is."""
        if not told:
            return ""
        saying = told if isinstance(told, Saying) else Saying(told)
        text = str(catalogue(__package__, self.code).gettext(saying.text))
        return text % {name: self._written(value) for name, value in saying.values.items()} if saying.values else text

    def number(self, value: float) -> str:
        """A number with this language's separators."""
        return format_decimal(value, locale=locale_of(self.code))

    def duration(self, value: timedelta) -> str:
        """A length of time in its largest unit: `3 hours`, and 2 days only when it is nearly that."""
        return format_timedelta(value, threshold=1.9, locale=locale_of(self.code))

    def instant(self, value: datetime) -> str:
        """Day and time by this PC's clock and zone."""
        return format_datetime(value.astimezone(), "d MMM y, HH:mm", locale=locale_of(self.code))

    def currency(self, code: str) -> str:
        """A currency's name."""
        return get_currency_name(code, locale=locale_of(self.code))

    def _written(self, value: str | int | timedelta) -> str:
        if isinstance(value, timedelta):
            return self.duration(value)
        return self.number(value) if isinstance(value, int) else value
