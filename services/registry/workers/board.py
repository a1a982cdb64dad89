"""Who waits for which registration to be checked."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class CheckedBoard:
    """Tells waiting requests that a registration was checked. In memory only: a request that misses it reads again."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def watch(self, registration_id: str) -> Iterator[asyncio.Event]:
        """An event that is set when the registration has been checked; look at the database after taking it."""
        event = asyncio.Event()
        self._waiting[registration_id].add(event)
        try:
            yield event
        finally:
            self._waiting[registration_id].discard(event)
            if not self._waiting[registration_id]:
                del self._waiting[registration_id]

    def announce(self, registration_id: str) -> None:
        """Wake everybody who waits for this one."""
        for event in self._waiting.get(registration_id, ()):
            event.set()
