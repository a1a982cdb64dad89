"""The figures of one day, made once: whoever asks again is told the same."""

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.statistics.counting import Counts, Span, count_cases, count_public, count_sealed
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
        self._today: tuple[date, Counts, Counts] | None = None
        self._made: dict[int, Statistics] = {}

    async def read(self, year: int, on: date) -> Statistics:
        """The figures of a year as they are on a day; what stands on the day itself is counted once for all years."""
        async with self._one_at_a_time:
            if self._today is not None and self._today[0] == on and year in self._made:
                return self._made[year]
            async with self._database.read() as session:
                if self._today is None or self._today[0] != on:
                    public = await count_public(session, self._member, on)
                    self._today, self._made = (on, public, await count_cases(session, self._member, on)), {}
                made = self._made[year] = await self._make(session, year, *self._today)
            return made

    async def _make(self, session: AsyncSession, year: int, on: date, public: Counts, cases: Counts) -> Statistics:
        span = whole_months(year, on)
        sealed = await count_sealed(session, self._member, span)
        told = [(*cell, True) for cell in _cells(public)]
        told += [*self._rounded(cases, "today"), *self._rounded(sealed, str(year))]
        about: dict[str, Any] = {"member": self._member, "year": year, "on": on}
        results = [
            Figure(**about, table=table, value=value, count=count, exact=exact) for table, value, count, exact in told
        ]
        return Statistics(**about, until=span.until, says=_SAYS, results=results)

    def _rounded(self, counts: Counts, period: str) -> Iterator[tuple[Table, str, int, bool]]:
        """One draw for one number: told twice with two draws, it could be averaged."""
        for table, value, count in _cells(counts):
            yield table, value, round_count(self._key, (self._member, period, table, value), count), False


def _cells(counts: Counts) -> Iterator[tuple[Table, str, int]]:
    for table, values in counts.items():
        for value, count in sorted(values.items()):
            yield table, value, count


def whole_months(year: int, on: date) -> Span:
    """The months of a year that are over on a day."""
    ended = min(date(year + 1, 1, 1), on.replace(day=1))
    return Span(date(year, 1, 1), max(ended, date(year, 1, 1)))
