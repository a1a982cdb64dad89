"""Keeps the face indexes on disk as they are in memory, every few minutes and at the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from services.biometrics.identify.face_shelves import FaceShelves

KEPT_EVERY_S: Final = 600.0
"""The longest that an erased face's vector stays in a snapshot, and the most that a start has to read beside one."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def keep_snapshots(shelves: FaceShelves) -> AsyncIterator[None]:
    """While the block runs, snapshots are taken in the background; the last at its end."""
    task = asyncio.create_task(_keep_on(shelves))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(keep_all, shelves)
        for index in shelves.shelves().values():
            await asyncio.to_thread(index.close)


def keep_all(shelves: FaceShelves) -> bool:
    """Take a snapshot of every index that changed; False when the disk did not take one: the one before is there."""
    kept = True
    for index in shelves.shelves().values():
        try:
            index.snapshot()
        except OSError as error:
            kept = False
            log.error("index_snapshot_failed", error=type(error).__name__, errno=error.errno)
    return kept


async def _keep_on(shelves: FaceShelves) -> None:
    while True:
        await asyncio.sleep(KEPT_EVERY_S)
        await asyncio.to_thread(keep_all, shelves)
