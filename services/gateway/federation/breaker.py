"""A circuit breaker: a member that fails again and again is left alone for a while, then tried with one request."""

import time
from collections.abc import Callable
from typing import Final

FAILURES: Final = 3
"""In a row, until it opens."""
OPEN_S: Final = 10.0


class Breaker:
    """One member's breaker.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._opened_at = 0.0
        self._trying = False

    def allows(self) -> bool:
        """Whether a request may go out now. After a pause one may, to see."""
        if self._failures < FAILURES:
            return True
        if self._trying or self._clock() - self._opened_at < OPEN_S:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        """An answer came, whatever it said."""
        self._failures, self._trying = 0, False

    def failed(self) -> None:
        """No answer came, or one that is not believed."""
        self._failures += 1
        self._trying = False
        self._opened_at = self._clock()

    def given_up(self) -> None:
        """The one who asked went away before anything came: it says nothing of the member."""
        self._trying = False
