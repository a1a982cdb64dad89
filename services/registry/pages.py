"""Lists page by page: a row that cannot be read is named and does not take the rest of its page with it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Query
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.lines import RecordId

Record = TypeVar("Record")

Read = Callable[[Sequence[int]], Awaitable[dict[int, Record | None]]]
"""The records of some rows by seq; None for one that the caller may not see."""

PageLimit = Annotated[int, Query(ge=1, le=200)]
PageBefore = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
"""`next` of the page before, of a list that begins with the newest; a column of PostgreSQL holds no more."""
PageCursor = Annotated[RecordId | None, Query(description="`next` of the page before.")]

_UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError)
"""What a row raises that was damaged in the database: values that are no date, no JSON, no word of a list."""

_MOST_ROUNDS: Final = 20


@dataclass
class Page(Generic[Record]):
    """Some records, the ids of those that could not be read, and where the next page begins."""

    results: list[Record] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    next: str | None = None

    @property
    def length(self) -> int:
        """How many it shows."""
        return len(self.results) + len(self.damaged)


async def read_page(
    session: AsyncSession, keys: Select[str, int], read: Read[Record], after: str | None, limit: int
) -> Page[Record]:
    """The next records in the order of their ids that the caller may see.

    Args:
        session: for reading.
        keys: selects id and seq of the rows that fit, without order or limit.
        read: makes records of them.
        after: the id after which the page begins; None: at the beginning.
        limit: most records on the page.
    """
    page: Page[Record] = Page()
    identity = keys.selected_columns[0]
    for _ in range(_MOST_ROUNDS):
        query = keys.order_by(identity).limit(limit + 1)
        rows = await session.execute(query if after is None else query.where(identity > after))
        found = [(key, seq) for key, seq in rows]
        known, broken = await read_apart([seq for _, seq in found], read)
        for key, seq in found:
            if seq not in broken and known.get(seq) is None:
                after = key
                continue
            if page.length == limit:
                page.next = after
                return page
            _put(page, key, known.get(seq))
            after = key
        if len(found) <= limit:
            return page
    page.next = after
    return page


def _put(page: Page[Record], key: str, record: Record | None) -> None:
    if record is None:
        page.damaged.append(key)
    else:
        page.results.append(record)


async def read_apart(seqs: Sequence[int], read: Read[Record]) -> tuple[dict[int, Record | None], set[int]]:
    """The records of some rows, and the seqs of those that could not be read; one by one only when there are such."""
    try:
        return await read(seqs), set()
    except _UNREADABLE:
        known: dict[int, Any] = {}
        broken = set()
        for seq in seqs:
            try:
                known |= await read([seq])
            except _UNREADABLE:
                broken.add(seq)
        return known, broken
