"""The clients that the gateway knows, by their public keys."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from services.gateway.tables import ClientRow, UsedAssertionRow
from shared.contracts.caller import Role
from shared.db.database import Database, now


class ClientUnknownError(Exception):
    """No active client has this id."""


class AssertionReusedError(Exception):
    """The client assertion was used before."""


@dataclass(frozen=True)
class Client:
    """A client system or desk.

    Attributes:
        bound: it gets tokens only that are bound to a key or certificate of its own.
    """

    client_id: str
    organisation: str
    member: str
    role: Role
    jwk: dict[str, Any]
    bound: bool = True

    def with_key(self, jwk: dict[str, Any]) -> "Client":
        """The same client with another key."""
        return replace(self, jwk=jwk)


@dataclass(frozen=True)
class KnownClient:
    """A client as it is registered, cut off or not."""

    client: Client
    active: bool
    since: datetime


class Clients:
    """Registers clients and finds them again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(self, client: Client) -> None:
        """Add a client, or replace what is known of it; it is active from now on."""
        async with self._database.write() as session:
            await session.merge(
                ClientRow(
                    client_id=client.client_id,
                    organisation=client.organisation,
                    member=client.member,
                    role=client.role.value,
                    jwk=client.jwk,
                    bound=client.bound,
                    active=True,
                    created_at=now(),
                )
            )

    async def deactivate(self, client_id: str) -> None:
        """Cut a client off; its tokens are refused from the next request on.

        Raises:
            ClientUnknownError: there is no such client.
        """
        async with self._database.write() as session:
            row = await session.get(ClientRow, client_id)
            if row is None:
                raise ClientUnknownError(client_id)
            row.active = False

    async def find(self, client_id: str) -> Client:
        """The active client with this id.

        Raises:
            ClientUnknownError: none, or cut off.
        """
        async with self._database.read() as session:
            row = await session.get(ClientRow, client_id)
        if row is None or not row.active:
            raise ClientUnknownError("no active client has this id")
        return _client(row)

    async def known(self, client_id: str) -> KnownClient | None:
        """A client, cut off or not."""
        async with self._database.read() as session:
            row = await session.get(ClientRow, client_id)
        return None if row is None else KnownClient(_client(row), row.active, row.created_at)

    async def of_member(self, member: str, after: str, limit: int) -> list[KnownClient]:
        """Some of a member's clients, by id, those after an id; also those cut off."""
        chosen = select(ClientRow).where(ClientRow.member == member, ClientRow.client_id > after)
        async with self._database.read() as session:
            rows = await session.scalars(chosen.order_by(ClientRow.client_id).limit(limit))
            return [KnownClient(_client(row), row.active, row.created_at) for row in rows]

    async def all(self) -> list[KnownClient]:
        """Every client, by name; also those cut off."""
        async with self._database.read() as session:
            rows = (await session.execute(select(ClientRow).order_by(ClientRow.client_id))).scalars().all()
        return [KnownClient(_client(row), row.active, row.created_at) for row in rows]

    async def use_assertion(self, client_id: str, jti: str, expires_at: datetime) -> None:
        """Mark an assertion as used; forget those that have expired.

        Raises:
            AssertionReusedError: it was used before.
        """
        try:
            async with self._database.write() as session:
                await session.execute(delete(UsedAssertionRow).where(UsedAssertionRow.expires_at < now()))
                session.add(UsedAssertionRow(client_id=client_id, jti=jti, expires_at=expires_at))
        except IntegrityError as error:
            raise AssertionReusedError("this assertion was used before") from error


def _client(row: ClientRow) -> Client:
    return Client(row.client_id, row.organisation, row.member, Role(row.role), row.jwk, row.bound)
