"""The durable work on an import: part after part, then what the list no longer names, then the index.

Killed at any moment it goes on where it stopped: a part is written in one transaction with the note that it is done.
Reading is work for the processor and is done in other processes when there is much of it.
"""

import asyncio
from collections import deque
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from typing import Final

from services.registry.exchange.reading import PartRead, read_part
from services.registry.exchange.store import delist_some, enter_state, keep_part, load_import, load_part
from services.registry.screening.index import merge_staged
from shared.contracts.exchange import ImportOrder, ImportState
from shared.db.database import Database

_FEW_PARTS: Final = 2  # read in a thread; more are worth starting processes for


class ImportWork:
    """Does what an import promised.

    Args:
        database: the registry's.
        processes: readers at the same time.
    """

    def __init__(self, database: Database, processes: int) -> None:
        self._database = database
        self._processes = processes

    async def run(self, import_id: str) -> None:
        """Do an import, or what is left of it."""
        row = await load_import(self._database, import_id)
        order = ImportOrder.model_validate(row.order)
        left = range(row.parts_read, row.parts)
        context = get_context("spawn")
        pool = ProcessPoolExecutor(self._processes, context) if len(left) > _FEW_PARTS else nullcontext()
        with pool as executor:
            await self._read_parts(import_id, order, left, executor)
        if not (order.dry_run or order.delta):
            await self._delist(import_id)
        if not order.dry_run:
            await self._index(import_id)
        await enter_state(self._database, import_id, ImportState.DONE)

    async def _read_parts(self, import_id: str, order: ImportOrder, left: range, executor: Executor | None) -> None:
        """Read some parts ahead, and write them in their order; no more of them are in memory than are read ahead."""
        loop, ahead = asyncio.get_running_loop(), deque[tuple[int, asyncio.Future[PartRead]]]()
        for number in left:
            text, first_line = await load_part(self._database, import_id, number)
            ahead.append((number, loop.run_in_executor(executor, read_part, order, text, first_line)))
            if len(ahead) > self._processes:
                await self._keep(import_id, *ahead.popleft())
        while ahead:
            await self._keep(import_id, *ahead.popleft())

    async def _keep(self, import_id: str, number: int, reading: asyncio.Future[PartRead]) -> None:
        await keep_part(self._database, import_id, number, await reading)

    async def _delist(self, import_id: str) -> None:
        await enter_state(self._database, import_id, ImportState.DELISTING)
        after: int | None = 0
        while after is not None:
            after = await delist_some(self._database, import_id, after)

    async def _index(self, import_id: str) -> None:
        await enter_state(self._database, import_id, ImportState.INDEXING)
        await merge_staged(self._database)
