"""What time it is at a desk whose clock may be wrong and whose network may be away."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from services.desk.languages import Saying
from shared.contracts.packets import ClockReading

TOLERATED_S: Final = 120
"""A PC's clock may differ from the gateway's by this much before anybody is told."""


def _steady() -> float:
    """Seconds by a clock that nobody can set and that goes on while the PC sleeps, where there is such a one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Clock:
    """The PC's clock beside the gateway's.

    Every answer of the gateway has a Date (RFC 9110, section 6.6.1): from it on, time is counted by a steady clock.

    Args:
        wall: the PC's clock, seconds since 1970.
        steady: a clock that is never set.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = _steady) -> None:
        self._wall = wall
        self._steady = steady
        self._anchor: tuple[float, float] | None = None
        self._started = wall(), steady()

    def learn(self, date: str | None) -> None:
        """Take an answer's Date; one that cannot be read changes nothing."""
        try:
            told = parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return
        self._anchor = told, self._steady()

    def now(self) -> float:
        """The best that is known: the gateway's time counted on, else the PC's."""
        if self._anchor is None:
            return self._wall()
        told, at = self._anchor
        return told + self._steady() - at

    def reading(self) -> ClockReading:
        """Both, for a packet."""
        network = None if self._anchor is None else datetime.fromtimestamp(self.now(), UTC)
        return ClockReading(desk_time=datetime.fromtimestamp(self._wall(), UTC), network_time=network)

    def trouble(self, newest: float | None = None) -> Saying | None:
        """What is wrong with the PC's clock, in words; none when nothing is known to be.

        Args:
            newest: when the newest packet was written by the same clock.
        """
        if self._anchor is not None:
            off = self._wall() - self.now()
            if abs(off) > TOLERATED_S:
                time = timedelta(seconds=abs(off))
                if off > 0:
                    return Saying("This PC's clock is %(time)s ahead of the gateway's.", time=time)
                return Saying("This PC's clock is %(time)s behind the gateway's.", time=time)
            return None
        wall, steady = self._started
        jumped = (self._wall() - wall) - (self._steady() - steady)
        if abs(jumped) > TOLERATED_S:
            moved = timedelta(seconds=abs(jumped))
            return Saying("This PC's clock was moved by %(time)s while the desk was open.", time=moved)
        if newest is not None and self._wall() < newest - TOLERATED_S:
            return Saying("This PC's clock shows a time before the last packet was made.")
        return None
