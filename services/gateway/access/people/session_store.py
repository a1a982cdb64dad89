"""Sessions in the database: a random secret in the browser, its digest here, an end for each."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Row, delete, select, update

from services.gateway.access.people.tables import SessionRow, UserRow
from shared.contracts.caller import Role
from shared.db.database import Database, now

IDLE: Final = timedelta(minutes=15)
LIFETIME: Final = timedelta(hours=8)
_NOTED_EVERY: Final = timedelta(seconds=30)
_SECRET_BYTES: Final = 32


@dataclass(frozen=True)
class Standing:
    """A session that stands, and whose it is."""

    session: SessionRow
    user: UserRow

    @property
    def roles(self) -> tuple[Role, ...]:
        """What the person may pick from."""
        return tuple(Role(role) for role in self.user.roles)


class Sessions:
    """Starts sessions, finds them, and ends them.

    Args:
        database: the gateway's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, user_id: str, role: Role, instead_of: str | None = None) -> str:
        """A new session; in place of another of the same person it ends no later than that one would have.

        Returns:
            The secret for the browser: 256 random bits, base64url.
        """
        secret, at = secrets.token_urlsafe(_SECRET_BYTES), now()
        async with self._database.write() as session:
            await session.execute(delete(SessionRow).where(SessionRow.started_at < at - LIFETIME))
            before = None if instead_of is None else await session.get(SessionRow, instead_of)
            started = at if before is None else before.started_at
            if before is not None:
                await session.delete(before)
            row = SessionRow(
                id=session_id(secret), user_id=user_id, role=role.value, started_at=started, seen_at=at
            )  # fmt: skip
            session.add(row)
        return secret

    async def find(self, identifier: str) -> Standing | None:
        """A session that has not ended, of somebody who is active and still has its role."""
        chosen = select(SessionRow, UserRow).join(UserRow, UserRow.id == SessionRow.user_id)
        async with self._database.read() as session:
            found = (await session.execute(chosen.where(SessionRow.id == identifier))).first()
        return _standing(found)

    async def note(self, standing: Standing) -> None:
        """It was used just now."""
        at = now()
        if at - standing.session.seen_at < _NOTED_EVERY:
            return
        async with self._database.write() as session:
            chosen = update(SessionRow).where(SessionRow.id == standing.session.id)
            await session.execute(chosen.values(seen_at=at))

    async def all_of(self, user_id: str) -> list[SessionRow]:
        """One person's sessions that stand, newest first."""
        chosen = select(SessionRow, UserRow).join(UserRow, UserRow.id == SessionRow.user_id)
        async with self._database.read() as session:
            rows = (await session.execute(chosen.where(SessionRow.user_id == user_id))).all()
        found = [standing.session for row in rows if (standing := _standing(row)) is not None]
        return sorted(found, key=lambda row: row.seen_at, reverse=True)

    async def end(self, user_id: str, identifier: str) -> bool:
        """End one session of a person. False: there was none."""
        chosen = delete(SessionRow).where(SessionRow.id == identifier, SessionRow.user_id == user_id)
        async with self._database.write() as session:
            return (await session.execute(chosen.returning(SessionRow.id))).first() is not None


def session_id(secret: str) -> str:
    """What a session is known by: the digest of its secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _standing(found: Row[SessionRow, UserRow] | None) -> Standing | None:
    if found is None:
        return None
    session, user = found
    stands = user.active and session.role in user.roles and not _ended(session, now())
    return Standing(session, user) if stands else None


def _ended(session: SessionRow, at: datetime) -> bool:
    return at - session.seen_at > IDLE or at - session.started_at > LIFETIME
