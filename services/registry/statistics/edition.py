"""The figures of one day, made once: whoever asks again is told the same."""

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from services.registry.statistics.counting import Counts, Span, count_public, count_sealed
from services.registry.statistics.rounding import round_count
from shared.contracts.statistics import Figure, Statistics, Table
from shared.db.database import Database

FIRST_YEAR: Final = 2000
_SAYS: Final = (
    "Counted by one member state's register. Complaints, leads and cases that are not final are no findings. Counts of "
    "people are rounded at random to multiples of three: parts need not add up to their whole."
)


class Editions:
    """The figures of the day, by year.

    Args:
        database: the registry's.
        member: whose records are counted.
        key: of the deployment; draws the rounding.
    """

    def __init__(self, database: Database, member: str, key: bytes) -> None:
        self._database, self._member, self._key = database, member, key
        self._one_at_a_time = asyncio.Lock()
        self._made: dict[int, Statistics] = {}

    async def read(self, year: int, on: date) -> Statistics:
        """The figures of a year as they are on a day."""
        async with self._one_at_a_time:
            made = self._made.get(year)
            if made is None or made.on != on:
                self._made = {known: one for known, one in self._made.items() if one.on == on}
                made = self._made[year] = await self._make(year, on)
            return made

    async def _make(self, year: int, on: date) -> Statistics:
        span = whole_months(year, on)
        async with self._database.read() as session:
            public = await count_public(session, self._member, on)
            sealed = await count_sealed(session, self._member, on, span)
        told = [(*cell, True) for cell in _cells(public)]
        told += [
            (table, value, round_count(self._key, (self._member, str(year), table, value), count), False)
            for table, value, count in _cells(sealed)
        ]
        about: dict[str, Any] = {"member": self._member, "year": year, "on": on}
        results = [
            Figure(**about, table=table, value=value, count=count, exact=exact) for table, value, count, exact in told
        ]
        return Statistics(**about, until=span.until, says=_SAYS, results=results)


def _cells(counts: Counts) -> Iterator[tuple[Table, str, int]]:
    for table, values in counts.items():
        for value, count in sorted(values.items()):
            yield table, value, count


def whole_months(year: int, on: date) -> Span:
    """The months of a year that are over on a day."""
    ended = min(date(year + 1, 1, 1), on.replace(day=1))
    return Span(date(year, 1, 1), max(ended, date(year, 1, 1)))
