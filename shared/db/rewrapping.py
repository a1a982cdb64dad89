"""Wraps subject keys anew under their members' newest keys, while services go on; counts what an old key still wraps.

Every table that keeps a wrapped subject key has it in a column `subject_key` or `wrapped_key`, beside `member`. A key
is exchanged only where it is still what was read, in transactions of some hundred rows: a run that is cut off goes on
where it was, and a row that a service changes meanwhile is left to the next look.
"""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from shared.crypto.sealing import KeyRing, wrapping_mark
from shared.db.database import Database

_NAMES: Final = frozenset({"subject_key", "wrapped_key"})
_BATCH: Final = 200


def wrapped_columns(metadata: sa.MetaData) -> Iterator[sa.Column[Any]]:
    """The columns of a service's tables that keep wrapped subject keys."""
    for table in metadata.sorted_tables:
        yield from (column for column in table.columns if column.name in _NAMES)


async def rewrap_all(database: Database, metadata: sa.MetaData, ring: KeyRing) -> int:
    """Bring every subject key under its member's newest key.

    Args:
        database: a service's.
        metadata: of its tables.
        ring: the keys, old and new.

    Returns:
        How many were wrapped anew.

    Raises:
        SealingError, MemberKeyMissingError: one does not open; those before it are done.
        sqlalchemy.exc.SQLAlchemyError: the database does not do it.
    """
    done = 0
    for column in wrapped_columns(metadata):
        for member in ring.members():
            while count := await _rewrap_some(database, column, member, ring):
                done += count
    return done


async def wrapped_by(database: Database, metadata: sa.MetaData, member: str, kid: str) -> int:
    """How many of a member's subject keys one of its keys wraps."""
    counts = []
    async with database.read() as session:
        for column in wrapped_columns(metadata):
            query = sa.select(sa.func.count()).select_from(column.table)
            counts.append(await session.scalar(query.where(_of(column, member), _begins(column, kid))) or 0)
    return sum(counts)


async def _rewrap_some(database: Database, column: sa.Column[Any], member: str, ring: KeyRing) -> int:
    newest = ring.kids(member)[0]
    (primary,) = column.table.primary_key.columns
    query = sa.select(primary, column).where(_of(column, member), ~_begins(column, newest)).limit(_BATCH)
    async with database.write() as session:
        rows = (await session.execute(query)).all()
        for key, wrapped in rows:
            still = (primary == key) & (column == wrapped)
            new = ring.rewrap(member, wrapped)
            await session.execute(sa.update(column.table).where(still).values({column: new}))
    return len(rows)


def _of(column: sa.Column[Any], member: str) -> sa.ColumnElement[bool]:
    whose: sa.ColumnElement[bool] = column.table.c.member == member
    return whose


def _begins(column: sa.Column[Any], kid: str) -> sa.ColumnElement[bool]:
    mark = wrapping_mark(kid)
    return sa.func.substr(column, 1, len(mark), type_=sa.LargeBinary) == mark
