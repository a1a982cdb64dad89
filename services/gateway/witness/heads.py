"""Whether a head fits the heads that were seen of the same log before."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import delete, select

from services.gateway.audit.heads import HeadNotSignedError, TreeHead, verify_head
from services.gateway.federation.directory import public_key
from services.gateway.tables import FederationAlertRow, WitnessedHeadRow
from shared.contracts.audit import Head
from shared.contracts.membership import MemberEntry, PublicKey
from shared.db.database import Database, now
from shared.standards.merkle import verify_consistency

FORK: Final = "log_fork"
SHRUNK: Final = "log_shrunk"
UNSIGNED: Final = "log_key"
KEPT: Final = timedelta(days=90)
"""How long heads are kept that fit; the newest, and one that does not, for ever."""
AGAIN: Final = timedelta(days=1)
"""An alarm that goes on is raised again after this time."""

log = structlog.get_logger(__name__)

Proof = list[bytes] | None
"""A consistency path; None: the member says that there is none."""
Prove = Callable[[int, int], Awaitable[Proof]]
"""Asks a log's member for the proof between two sizes."""


class Witness:
    """Keeps other members' heads, and raises the alarm.

    Args:
        database: the gateway's.
        clock: the present instant.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database, self._clock = database, clock

    async def see(self, entry: MemberEntry, head: Head, prove: Prove) -> bool:
        """Hold a head against those that were seen before, and keep it.

        Args:
            entry: whose log.
            head: as the member, or another that saw it, tells it.
            prove: the way to the log's member; what it raises is raised.

        Returns:
            Whether it fits.
        """
        if entry.log_key is None or head.member != entry.member:
            return True  # nothing can be said of it
        signed = _is_signed(head, entry.log_key)
        kind = await self._misfit(head, prove) if signed else UNSIGNED
        if kind is None:
            await self._keep(entry.log_key, head, forked=False)
        elif await self._alarm(entry, head, kind) and signed:
            await self._keep(entry.log_key, head, forked=True)
        return kind is None

    async def newest(self) -> list[Head]:
        """The largest head of each member that fits: what others are told."""
        best: dict[str, WitnessedHeadRow] = {}
        for row in await self._rows():
            if not row.forked and (row.member not in best or best[row.member].size < row.size):
                best[row.member] = row
        return [head_of(row) for row in best.values()]

    async def forget(self) -> None:
        """Drop old heads that fit."""
        newest = {(head.member, head.size) for head in await self.newest()}
        old = self._clock() - KEPT
        async with self._database.write() as session:
            query = select(WitnessedHeadRow).where(WitnessedHeadRow.received_at < old, ~WitnessedHeadRow.forked)
            for row in (await session.execute(query)).scalars().all():
                if (row.member, row.size) not in newest:
                    await session.execute(
                        delete(WitnessedHeadRow).where(
                            WitnessedHeadRow.member == row.member, WitnessedHeadRow.size == row.size
                        )
                    )

    async def _misfit(self, head: Head, prove: Prove) -> str | None:
        """What is wrong with a head; None: it fits."""
        known = [row for row in await self._rows(head.member) if not row.forked]
        same = [row for row in known if row.size == head.size]
        if same:
            return None if same[0].root == head.root else FORK
        if not known:
            return None
        last = max(known, key=lambda row: row.size)
        (first, old), (second, new) = sorted([(last.size, last.root), (head.size, head.root)])
        if first == 0:
            return None
        path = await prove(first, second)
        if path is None:
            return SHRUNK
        return None if verify_consistency(first, second, old, new, path) else FORK

    async def _rows(self, member: str | None = None) -> list[WitnessedHeadRow]:
        query = select(WitnessedHeadRow)
        if member is not None:
            query = query.where(WitnessedHeadRow.member == member)
        async with self._database.read() as session:
            return list((await session.execute(query)).scalars())

    async def _keep(self, log_key: PublicKey, head: Head, *, forked: bool) -> None:
        async with self._database.write() as session:
            if await session.get(WitnessedHeadRow, (head.member, head.size, head.root)) is None:
                session.add(
                    WitnessedHeadRow(
                        member=head.member, size=head.size, root=head.root, at=head.at, signature=head.signature,
                        log_key=log_key.model_dump(), received_at=self._clock(), forked=forked,
                    )
                )  # fmt: skip

    async def _alarm(self, entry: MemberEntry, head: Head, kind: str) -> bool:
        """Raise an alert; once a day for the same, since every later head of a forked log does not fit either."""
        instant = self._clock()
        lately = (FederationAlertRow.member == entry.member) & (FederationAlertRow.at > instant - AGAIN)
        async with self._database.write() as session:
            if (
                await session.execute(select(FederationAlertRow).where(lately, FederationAlertRow.kind == kind))
            ).first():
                return False
            row = FederationAlertRow(id=secrets.token_hex(16), at=instant, kind=kind, member=entry.member)
            row.detail = {"size": str(head.size), "root": head.root.hex()}
            session.add(row)
        log.error("log_alarm", member=entry.member, kind=kind, size=head.size)
        return True


def head_of(row: WitnessedHeadRow) -> Head:
    """A head as it crosses the wire."""
    return Head.model_construct(
        member=row.member, size=row.size, at=row.at, root=row.root, key_id=str(row.log_key["kid"]),
        signature=row.signature,
    )  # fmt: skip


def _is_signed(head: Head, key: PublicKey) -> bool:
    tree = TreeHead(head.size, head.at.astimezone(UTC), head.root, head.key_id, head.signature)
    try:
        verify_head(tree, public_key(key))
    except HeadNotSignedError:
        return False
    return True
