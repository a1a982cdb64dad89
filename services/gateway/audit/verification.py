"""Recompute the whole log from its entries, and hold it against every head that was signed."""

from collections.abc import Mapping
from dataclasses import dataclass

import jwt
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.audit.entries import leaf_of
from services.gateway.audit.heads import HeadNotSignedError, TreeHead, verify_head
from services.gateway.audit.nodes import log_size
from services.gateway.tables import AuditHeadRow, AuditNodeRow, AuditRow
from shared.db.database import Database
from shared.standards.merkle import Node, completed, root

_PAGE = 5000


@dataclass(frozen=True)
class Verification:
    """What came of recomputing the log.

    Attributes:
        entries: how many there are.
        heads: signed heads that were held against it.
        first_bad: number of the first entry that is not what it was; the number of the first missing one when entries
            that a head vouched for are gone.
        reason: in words, when not ok.
    """

    entries: int
    heads: int
    ok: bool
    first_bad: int | None
    reason: str | None = None


class _BadEntryError(Exception):
    def __init__(self, number: int, reason: str) -> None:
        super().__init__(reason)
        self.number = number


async def verify_log(database: Database, keys: Mapping[str, jwt.PyJWK]) -> Verification:
    """Recompute every leaf and node up to the size that the log has when this begins.

    Args:
        database: the gateway's.
        keys: public keys that heads may be signed with, by key id.
    """
    async with database.read() as session:
        rows = (await session.execute(select(AuditHeadRow).order_by(AuditHeadRow.size))).scalars().all()
        heads = [TreeHead.of(row) for row in rows]
        recomputation = _Recomputation(session, keys, heads, await log_size(session))
        try:
            await recomputation.run()
        except _BadEntryError as bad:
            return Verification(recomputation.size, len(heads), ok=False, first_bad=bad.number, reason=str(bad))
    return Verification(recomputation.size, len(heads), ok=True, first_bad=None)


class _Recomputation:
    def __init__(self, session: AsyncSession, keys: Mapping[str, jwt.PyJWK], heads: list[TreeHead], limit: int) -> None:
        self._session, self._keys, self._limit = session, keys, limit
        self._heads = {head.size: head for head in heads}
        self._frontier: dict[Node, bytes] = {}
        self.size = 0

    async def run(self) -> None:
        self._hold_head()
        while rows := await self._page():
            kept = await self._nodes_above()
            for row in rows:
                self._hold_entry(row, kept)
            self._check_left_over(kept)
        vouched = max(self._heads, default=0)
        if vouched > self.size:
            raise _BadEntryError(self.size + 1, "entries that a signed head vouches for are gone")

    async def _page(self) -> list[AuditRow]:
        within = AuditRow.number > self.size, AuditRow.number <= min(self.size + _PAGE, self._limit)
        page = select(AuditRow).where(*within).order_by(AuditRow.number).execution_options(populate_existing=True)
        rows = list((await self._session.execute(page)).scalars())
        self._session.expunge_all()
        return rows

    async def _nodes_above(self) -> dict[Node, bytes]:
        """The nodes that the next page's entries complete, as the table has them."""
        found: dict[Node, bytes] = {}
        end = min(self.size + _PAGE, self._limit)
        for level in range(1, end.bit_length()):
            first, after = self.size >> level, end >> level
            kept = select(AuditNodeRow.position, AuditNodeRow.digest).where(
                AuditNodeRow.level == level, AuditNodeRow.position >= first, AuditNodeRow.position < after
            )
            rows = (await self._session.execute(kept)).all()
            found |= {Node(level, position): digest for position, digest in rows}
        return found

    def _hold_entry(self, row: AuditRow, kept: dict[Node, bytes]) -> None:
        number = self.size + 1
        if row.number != number:
            raise _BadEntryError(number, "an entry is missing")
        if row.leaf != leaf_of(row):
            raise _BadEntryError(number, "the entry was changed")
        for node, digest in completed(self.size, row.leaf, self._frontier.__getitem__):
            if node.level > 0 and kept.pop(node, None) != digest:
                raise _BadEntryError(number, "the tree does not fit the entries")
            self._frontier[node] = digest
            if node.level > 0:
                self._drop_below(node)
        self.size = number
        self._hold_head()

    def _drop_below(self, node: Node) -> None:
        for child in (2 * node.position, 2 * node.position + 1):
            self._frontier.pop(Node(node.level - 1, child), None)

    def _check_left_over(self, kept: dict[Node, bytes]) -> None:
        if kept:
            raise _BadEntryError(self.size + 1, "the tree holds more than the entries")

    def _hold_head(self) -> None:
        head = self._heads.get(self.size)
        if head is None:
            return
        if head.key_id not in self._keys:
            raise _BadEntryError(max(self.size, 1), "a head is signed with a key that is not trusted")
        try:
            verify_head(head, self._keys[head.key_id])
        except HeadNotSignedError as error:
            raise _BadEntryError(max(self.size, 1), str(error)) from error
        if root(self.size, self._frontier.__getitem__) != head.root:
            raise _BadEntryError(max(self.size, 1), "a signed head vouches for other entries up to here")
