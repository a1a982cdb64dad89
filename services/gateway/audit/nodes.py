"""The tree's complete subtrees in their table: leaves are the entries' own column, all above them rows of their own."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.tables import AuditNodeRow, AuditRow
from shared.standards.merkle import Lookup, Node, needed

Made = TypeVar("Made")


async def queue_up(session: AsyncSession) -> None:
    """Make those who write the log wait for one another, until their transactions end."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite's write lock already puts them in a row
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('lindung-audit'))"))


async def log_size(session: AsyncSession) -> int:
    """How many entries the log has."""
    return (await session.execute(select(func.max(AuditRow.number)))).scalar_one() or 0


async def fetch(session: AsyncSession, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """The hashes of complete subtrees, at once."""
    wanted = set(nodes)
    leaves = [node.position + 1 for node in wanted if node.level == 0]
    places = [
        and_(AuditNodeRow.level == node.level, AuditNodeRow.position == node.position)
        for node in wanted
        if node.level > 0
    ]
    found: dict[Node, bytes] = {}
    if leaves:
        rows = await session.execute(select(AuditRow.number, AuditRow.leaf).where(AuditRow.number.in_(leaves)))
        found |= {Node(0, number - 1): leaf for number, leaf in rows.all()}
    if places:
        kept = select(AuditNodeRow.level, AuditNodeRow.position, AuditNodeRow.digest).where(or_(*places))
        found |= {Node(level, position): digest for level, position, digest in (await session.execute(kept)).all()}
    return found


async def compute(session: AsyncSession, ask: Callable[[Lookup], Made]) -> Made:
    """What `root`, `inclusion_path` or `consistency_path` give on the log's own nodes."""
    nodes = await fetch(session, needed(ask))
    return ask(nodes.__getitem__)
