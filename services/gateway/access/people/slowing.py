"""Failures make the next attempt wait: slower and slower, never for ever, and the same for names that nobody has."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.access.people.tables import FailureRow
from shared.db.database import Database, now

FREE_TOGETHER: Final = 5
FREE_ALONE: Final = 50
LONGEST_WAIT: Final = timedelta(minutes=15)
_FORGOTTEN_AFTER: Final = timedelta(days=1)


class SignInSlowedError(Exception):
    """Signing in failed too often for this name or from this address; `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts failed; try again in {seconds} seconds")
        self.seconds = seconds
        self.headers = {"Retry-After": str(seconds)}


class Slowing:
    """Counts failures for a name from an address, for the name, and for the address.

    Args:
        database: the gateway's.
        key: keys the digests under which they are counted: people type passwords where a name is asked for.
    """

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    async def begin(self, name: str, address: str) -> bool:
        """Count an attempt as failed before it is looked at, so that many at once gain nothing.

        Returns:
            Whether the next failure would have to wait.

        Raises:
            SignInSlowedError: it must wait; it was not counted.
        """
        at = now()
        async with self._database.write() as session:
            if session.get_bind().dialect.name == "postgresql":  # SQLite's write lock already puts them in a row
                await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('lindung-sign-in'))"))
            await session.execute(delete(FailureRow).where(FailureRow.last_at < at - _FORGOTTEN_AFTER))
            free = self._free(name, address)
            rows = await self._rows(session, free)
            wait = max((_left(row, free[key], at) for key, row in rows.items()), default=timedelta())
            if wait > timedelta():
                raise SignInSlowedError(int(wait.total_seconds()) + 1)
            for key in free.keys() - rows.keys():
                rows[key] = FailureRow(key=key, count=0)
                session.add(rows[key])
            for row in rows.values():
                row.count, row.last_at = row.count + 1, at
        return any(row.count >= free[key] for key, row in rows.items())

    async def forgive(self, name: str, address: str) -> None:
        """It succeeded after all: forget the failures of this name from here; take the one back from the others."""
        together, *alone = self._free(name, address)
        async with self._database.write() as session:
            await session.execute(delete(FailureRow).where(FailureRow.key == together))
            for row in (await self._rows(session, alone)).values():
                row.count -= 1

    def _free(self, name: str, address: str) -> dict[str, int]:
        return {
            self._digest("both", name, address): FREE_TOGETHER,
            self._digest("name", name): FREE_ALONE,
            self._digest("address", address): FREE_ALONE,
        }

    def _digest(self, *parts: str) -> str:
        return hmac.new(self._key, "\n".join(parts).encode(), hashlib.sha256).hexdigest()

    async def _rows(self, session: AsyncSession, keys: Iterable[str]) -> dict[str, FailureRow]:
        found = await session.scalars(select(FailureRow).where(FailureRow.key.in_(list(keys))))
        return {row.key: row for row in found}


def _left(row: FailureRow, free: int, at: datetime) -> timedelta:
    """How long the next attempt must still wait: twice as long after each failure."""
    if row.count < free:
        return timedelta()
    wait = min(timedelta(seconds=2.0 ** min(row.count - free, 20)), LONGEST_WAIT)
    return row.last_at + wait - at
