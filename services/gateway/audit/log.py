"""The append-only log of accesses: a Merkle tree (RFC 9162) over entries that hold digests, no personal data.

Requests that arrive together are written in one transaction: one fsync for many.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from services.gateway.audit.entries import Access, Outcome, write_row
from services.gateway.audit.nodes import fetch, log_size, queue_up
from services.gateway.audit.subjects import SubjectDigests
from services.gateway.tables import AuditNodeRow
from shared.contracts.caller import Caller
from shared.db.database import Database, now
from shared.standards.merkle import Node, completed, frontier_nodes

LARGEST_BATCH: Final = 2000
"""Entries in one transaction at most; a list that showed more is written in several."""


@dataclass(frozen=True)
class _Waiting:
    accesses: tuple[Access, ...]
    done: "asyncio.Future[None]"


class AuditLog:
    """Appends entries.

    Args:
        database: the gateway's.
        digest_key: keys the subjects' digests, so that nobody without it can try names against the log.
    """

    def __init__(self, database: Database, digest_key: bytes) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self.digests = SubjectDigests(digest_key)

    async def append(
        self,
        caller: Caller,
        kind: str,
        action: str,
        subjects: bytes | Iterable[bytes],
        outcome: Outcome = Outcome.ADMITTED,
    ) -> None:
        """Write who asks for what. When this returns it is durable; when it raises nothing of it is there."""
        each = (subjects,) if isinstance(subjects, bytes) else tuple(subjects)
        accesses = [Access(caller, kind, action, outcome, subject) for subject in each]
        for start in range(0, len(accesses), LARGEST_BATCH):
            await self._enter(tuple(accesses[start : start + LARGEST_BATCH]))

    async def close(self) -> None:
        """Wait until what was handed over is written."""
        while self._writer is not None and not self._writer.done():
            await asyncio.wait([self._writer])

    async def _enter(self, accesses: tuple[Access, ...]) -> None:
        waiting = _Waiting(accesses, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        await waiting.done

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch = self._take()
            try:
                await self._write([access for each in batch for access in each.accesses])
            except Exception as error:  # noqa: BLE001  every request that waits for it fails with it
                _settle(batch, error)
            else:
                _settle(batch, None)

    def _take(self) -> list[_Waiting]:
        taken: list[_Waiting] = []
        entries = 0
        while self._waiting and (not taken or entries + len(self._waiting[0].accesses) <= LARGEST_BATCH):
            taken.append(self._waiting.pop(0))
            entries += len(taken[-1].accesses)
        return taken

    async def _write(self, accesses: Sequence[Access]) -> None:
        async with self._database.write() as session:
            await queue_up(session)
            size, at = await log_size(session), now()
            digests = await self.digests.make(session, {access.subject for access in accesses})
            nodes = await fetch(session, frontier_nodes(size))
            for offset, access in enumerate(accesses):
                row = write_row(size + offset + 1, at, access, digests[access.subject])
                session.add(row)
                made = dict(completed(size + offset, row.leaf, nodes.__getitem__))
                nodes |= made
                session.add_all(_node_row(node, digest) for node, digest in made.items() if node.level > 0)


def _node_row(node: Node, digest: bytes) -> AuditNodeRow:
    return AuditNodeRow(level=node.level, position=node.position, digest=digest)


def _settle(batch: Iterable[_Waiting], error: Exception | None) -> None:
    for each in batch:
        if each.done.done():  # the request was given up meanwhile
            continue
        if error is None:
            each.done.set_result(None)
        else:
            each.done.set_exception(error)
