"""The people whom the gateway knows, local and from an external provider."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update

from services.gateway.access.people.tables import SessionRow, UserRow
from shared.contracts.access import PersonState
from shared.contracts.caller import Role
from shared.db.database import Database, now

INVITED_FOR: Final = timedelta(days=3)
EXTERNAL_PREFIX: Final = "oidc-"
"""Ids of people whom an external provider proves begin so, and no others."""
_CODE_BYTES: Final = 10
_NO_PEOPLE: Final = frozenset({Role.MEMBER_SYSTEM, Role.PARTNER_MEMBER, Role.PUBLIC})


class UserUnknownError(Exception):
    """No active person has this id."""


class UserKnownError(Exception):
    """A person of this id is registered already."""


class RoleRefusedError(Exception):
    """This person may not take this role."""


@dataclass(frozen=True)
class User:
    """A person, and what they are appointed to do."""

    id: str
    name: str
    organisation: str
    member: str
    roles: tuple[Role, ...]
    active: bool = True

    def __post_init__(self) -> None:
        """Refuse roles that are for systems.

        Raises:
            RoleRefusedError: one is, or there is none; or an administrator's with any other.
        """
        if not self.roles or _NO_PEOPLE & set(self.roles):
            raise RoleRefusedError("a person has at least one role, and none that is a system's")
        if Role.ADMINISTRATOR in self.roles and len(set(self.roles)) > 1:
            raise RoleRefusedError("an administrator has no other role: who lets people in sees no record")


class Users:
    """Registers people and finds them again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user: User) -> str:
        """Register somebody.

        Returns:
            The code, good once and for three days, that lets them set a password and an authenticator app.

        Raises:
            UserKnownError: the id is taken.
        """
        code, digest, until = _new_invitation()
        async with self._database.write() as session:
            if await session.get(UserRow, user.id) is not None:
                raise UserKnownError(f"{user.id} is registered already")
            row = UserRow(id=user.id, created_at=now(), invitation=digest, invited_until=until)
            session.add(_written(row, user))
        return code

    async def reset(self, user_id: str) -> str:
        """Take password and app from somebody, end their sessions, and let them in again if they were cut off.

        Returns:
            A new code, as `add` gives.

        Raises:
            UserUnknownError: nobody, or somebody whom an external provider proves.
        """
        code, digest, until = _new_invitation()

        def change(row: UserRow) -> None:
            if row.id.startswith(EXTERNAL_PREFIX):
                raise UserUnknownError("their provider resets them")
            row.active, row.password, row.code_key = True, None, None
            row.invitation, row.invited_until = digest, until

        await self._change(user_id, change)
        return code

    async def appoint(self, user_id: str, roles: tuple[Role, ...]) -> None:
        """Give somebody other roles; their sessions end.

        Raises:
            RoleRefusedError: roles that no person can have.
            UserUnknownError: nobody, or somebody whose roles an external provider tells.
        """

        def change(row: UserRow) -> None:
            if row.id.startswith(EXTERNAL_PREFIX):
                raise UserUnknownError("their provider tells their roles")
            _written(row, User(row.id, row.name, row.organisation, row.member, roles, row.active))

        await self._change(user_id, change)

    async def cut(self, user_id: str) -> None:
        """Cut somebody off, their sessions at once.

        Raises:
            UserUnknownError: nobody has this id.
        """

        def change(row: UserRow) -> None:
            row.active, row.invitation = False, None

        await self._change(user_id, change)

    async def admit(self, user: User) -> UserRow:
        """Keep what an external provider now says of somebody; one who was cut off stays so.

        Raises:
            UserUnknownError: they were cut off here.
        """
        async with self._database.write() as session:
            row = await session.get(UserRow, user.id)
            if row is not None and not row.active:
                raise UserUnknownError("cut off here")
            row = _written(row or UserRow(id=user.id, created_at=now()), user)
            session.add(row)
        return row

    async def known(self, user_id: str) -> UserRow | None:
        """Somebody's row, cut off or not."""
        async with self._database.read() as session:
            return await session.get(UserRow, user_id)

    async def find(self, user_id: str) -> UserRow | None:
        """The row of an active person."""
        row = await self.known(user_id)
        return row if row is not None and row.active else None

    async def invited(self, code: str) -> UserRow | None:
        """Whom an invitation that still holds was made for."""
        async with self._database.read() as session:
            row = await session.scalar(select(UserRow).where(UserRow.invitation == invitation_digest(code)))
        return row if row is not None and row.invited_until is not None and row.invited_until > now() else None

    async def all(self) -> list[UserRow]:
        """Everybody, by id; also those cut off."""
        async with self._database.read() as session:
            return list(await session.scalars(select(UserRow).order_by(UserRow.id)))

    async def of_member(self, member: str, after: str, limit: int) -> list[UserRow]:
        """Some of a member's people, by id, those after an id; also those cut off."""
        chosen = select(UserRow).where(UserRow.member == member, UserRow.id > after).order_by(UserRow.id).limit(limit)
        async with self._database.read() as session:
            return list(await session.scalars(chosen))

    async def offer_code_key(self, user_id: str, sealed: bytes) -> None:
        """Keep the key of an app that is being set up; none when one is there already."""
        async with self._database.write() as session:
            chosen = update(UserRow).where(UserRow.id == user_id, UserRow.code_key.is_(None))
            await session.execute(chosen.values(code_key=sealed))

    async def enrol(self, user_id: str, code: str, password: str, step: int) -> bool:
        """Use an invitation up: keep the password, and the step of the code that proved the app.

        Returns:
            Whether it was there to be used.
        """
        chosen = update(UserRow).where(UserRow.id == user_id, UserRow.invitation == invitation_digest(code))
        values = {"password": password, "code_step": step, "invitation": None, "invited_until": None}
        async with self._database.write() as session:
            return (await session.execute(chosen.values(**values).returning(UserRow.id))).first() is not None

    async def take_step(self, user_id: str, step: int) -> bool:
        """Mark a code as used, with all before it (RFC 6238, section 5.2). False: it was used."""
        chosen = update(UserRow).where(UserRow.id == user_id, UserRow.code_step < step)
        async with self._database.write() as session:
            return (await session.execute(chosen.values(code_step=step).returning(UserRow.id))).first() is not None

    async def speak(self, user_id: str, language: str | None) -> None:
        """Keep the language that somebody chose."""
        async with self._database.write() as session:
            await session.execute(update(UserRow).where(UserRow.id == user_id).values(language=language))

    async def _change(self, user_id: str, change: Callable[[UserRow], None]) -> None:
        async with self._database.write() as session:
            row = await session.get(UserRow, user_id)
            if row is None:
                raise UserUnknownError("nobody has this id")
            change(row)
            await session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))


def state_of(row: UserRow) -> PersonState:
    """Whether somebody can sign in."""
    if not row.active:
        return PersonState.CUT_OFF
    if row.id.startswith(EXTERNAL_PREFIX):
        return PersonState.EXTERNAL
    return PersonState.INVITED if row.password is None else PersonState.ACTIVE


def invitation_digest(code: str) -> str:
    """What is kept of an invitation's code, however it is typed."""
    return hashlib.sha256(code.upper().replace("-", "").replace(" ", "").encode()).hexdigest()


def _new_invitation() -> tuple[str, str, datetime]:
    letters = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
    code = "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
    return code, invitation_digest(code), now() + INVITED_FOR


def _written(row: UserRow, user: User) -> UserRow:
    row.name, row.organisation, row.member = user.name, user.organisation, user.member
    row.roles, row.active = [role.value for role in user.roles], user.active
    return row
