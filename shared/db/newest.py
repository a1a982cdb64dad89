"""Lists that begin with what was added last, page by page."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

Row = TypeVar("Row")


async def newest_rows(
    session: AsyncSession, query: Select[Row], seq: InstrumentedAttribute[int], before: int | None, limit: int
) -> tuple[Sequence[Row], int | None]:
    """The rows that fit, those added last first.

    Args:
        session: for reading.
        query: selects the rows that fit, without order or limit.
        seq: the column that counts up as rows are added.
        before: where the page begins, as the page before gave it; None: with the newest.
        limit: most rows on the page.

    Returns:
        The rows, and where the next page begins; None: there is none.
    """
    query = query.order_by(seq.desc()).limit(limit + 1)
    rows = (await session.scalars(query if before is None else query.where(seq < before))).all()
    more: Any = getattr(rows[limit - 1], seq.key) if len(rows) > limit else None
    return rows[:limit], more
