"""The order in which messages arrive: a search waits for the inserts that came before it."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from services.biometrics.ownership import Owner


class Arrivals:
    """The messages under way, by owner. One process serves them all, so its memory knows."""

    def __init__(self) -> None:
        self._inserts: defaultdict[Owner, set[asyncio.Event]] = defaultdict(set)
        self._under_way: Counter[Owner] = Counter()

    @contextmanager
    def inserting(self, owner: Owner) -> Iterator[None]:
        """An insert is under way: searches that come from now on wait for its end."""
        done = asyncio.Event()
        self._inserts[owner].add(done)
        try:
            with self.working(owner):
                yield
        finally:
            done.set()
            self._inserts[owner].discard(done)

    @contextmanager
    def working(self, owner: Owner) -> Iterator[None]:
        """A message is under way."""
        self._under_way[owner] += 1
        try:
            yield
        finally:
            self._under_way[owner] -= 1

    async def earlier_inserts(self, owner: Owner) -> None:
        """Return when all inserts have ended that were under way at the call, however they ended."""
        for done in tuple(self._inserts[owner]):
            await done.wait()

    def pending(self, owner: Owner) -> int:
        """How many of an owner's messages are under way."""
        return self._under_way[owner]
