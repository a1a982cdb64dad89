"""Writes to one person wait for each other, and go on to their end when their caller has gone away."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar
from weakref import WeakValueDictionary

Result = TypeVar("Result")


class Turns:
    """Gives each write its turn, so that table and memory change in the same order."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def take(self, persons: set[str], work: Coroutine[Any, Any, Result]) -> Result:
        """Do work on some persons when nobody else works on any of them; once begun it is not broken off."""

        async def in_turn() -> Result:
            async with AsyncExitStack() as stack:
                for person_id in sorted(persons):  # always in one order: no two wait for each other
                    await stack.enter_async_context(self._locks.setdefault(person_id, asyncio.Lock()))
                return await work

        task = asyncio.create_task(in_turn())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def wait(self) -> None:
        """Wait for all work under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
