"""How much may be asked for: the caps as data, and windows that are counted in. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from services.gateway.access.policy import Action, Kind
from shared.contracts.caller import Role

MINUTE_S: Final = 60
DAY_S: Final = 86_400
_ANYTHING: Final = "*"


@dataclass(frozen=True)
class Limit:
    """Requests (or records shown) in any minute, and on a day."""

    minute: int
    day: int

    def times(self, factor: float) -> "Limit":
        """The limit of a deployment that allows more or less; never nothing."""
        return Limit(max(1, round(self.minute * factor)), max(1, round(self.day * factor)))


@dataclass(frozen=True)
class Cap:
    """A cap and what it counts."""

    name: str
    what: frozenset[str]
    shown: bool
    default: Limit
    roles: Mapping[Role, Limit]

    def limit(self, role: Role | None) -> Limit:
        """The limit of a role."""
        return self.default if role is None else self.roles.get(role, self.default)


@cache
def load_caps() -> tuple[Cap, ...]:
    """The caps that ship with the gateway, in order.

    Raises:
        ValueError: a cap names a role, kind or action that does not exist.
    """
    text = files("services.gateway.access").joinpath("caps.toml").read_text(encoding="utf-8")
    return tuple(_cap(name, row) for name, row in tomllib.loads(text).items())


def cap_of(kind: str, action: str) -> Cap:
    """The cap that counts requests of an action on a kind of record."""
    return next(cap for cap in load_caps() if {f"{kind}.{action}", _ANYTHING} & cap.what)


def shown_cap() -> Cap:
    """The cap that counts records shown."""
    return next(cap for cap in load_caps() if cap.shown)


def _cap(name: str, row: Mapping[str, Any]) -> Cap:
    what = frozenset(row.get("what", ()))
    for each in what - {_ANYTHING}:
        kind, action = each.split(".")
        Kind(kind), Action(action)
    roles = {Role(role): Limit(**limit) for role, limit in row.get("roles", {}).items()}
    return Cap(name, what, row.get("shown", False), Limit(row["minute"], row["day"]), roles)


@dataclass
class Count:
    """What one client or person has used of one cap.

    A minute slides: the share of the last minute that still lies within 60 s counts as if it was spread evenly.
    """

    day: date
    used_today: int = 0
    minute: int = 0
    """Number of the minute since 1970."""
    used: int = 0
    used_before: int = 0

    def roll(self, at: datetime) -> None:
        """Go on to the minute and the day of an instant."""
        minute, today = int(at.timestamp()) // MINUTE_S, at.astimezone(UTC).date()
        if minute != self.minute:
            self.used_before = self.used if minute == self.minute + 1 else 0
            self.minute, self.used = minute, 0
        if today != self.day:
            self.day, self.used_today = today, 0

    def add(self, number: int = 1) -> None:
        """Count."""
        self.used += number
        self.used_today += number

    def last_minute(self, at: datetime) -> float:
        """About how much was used in the 60 s before an instant."""
        gone = at.timestamp() % MINUTE_S / MINUTE_S
        return self.used + self.used_before * (1 - gone)

    def wait_s(self, limit: Limit, at: datetime) -> int:
        """Seconds until one more is within the limit; 0: now."""
        if self.used_today >= limit.day:
            return DAY_S - int(at.timestamp()) % DAY_S
        if self.last_minute(at) + 1 <= limit.minute:
            return 0
        into = at.timestamp() % MINUTE_S
        room = limit.minute - 1 - self.used
        if room >= 0 and self.used_before:  # within this minute, as the one before fades
            return max(1, round((1 - room / self.used_before) * MINUTE_S - into + 0.5))
        fades = max(0.0, 1 - (limit.minute - 1) / self.used) * MINUTE_S  # in the next, as this one fades
        return max(1, round(MINUTE_S - into + fades + 0.5))
