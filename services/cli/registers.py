"""The gateway's registers of clients and people, straight in its database; what is changed there is in its log too."""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from services.cli.console import fail, run
from services.gateway.access.clients import Clients
from services.gateway.access.people.room import People, open_people
from services.gateway.access.recording import Step, operator, record
from services.gateway.audit.log import AuditLog
from shared.db.database import Database
from shared.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Registers:
    """Clients, people and the log, for whoever holds the database's credentials and the keys."""

    settings: Settings
    database: Database

    @property
    def clients(self) -> Clients:
        """Systems and desks."""
        return Clients(self.database)

    @cached_property
    def people(self) -> People:
        """Who signs in.

        Raises:
            OSError: the gateway's key file cannot be read.
        """
        return open_people(self.database, self.digest_key)

    async def record(self, step: Step, subject: str) -> None:
        """Append what was changed to the log of accesses."""
        await record(AuditLog(self.database, self.digest_key), operator(self.settings.member), step, subject)

    @cached_property
    def digest_key(self) -> bytes:
        """What digests of subjects are made with.

        Raises:
            OSError: the gateway's key file cannot be read.
        """
        return base64.b64decode((self.settings.key_folder / "gateway-digest.key").read_text())


def with_registers(work: Callable[[Registers], Awaitable[T]]) -> T:
    """Run a command's work on the registers."""

    async def opened() -> T:
        settings = Settings()
        database = Database(settings.database_url("gateway"))
        try:
            return await work(Registers(settings, database))
        finally:
            await database.close()

    try:
        return run(opened)
    except SQLAlchemyError as error:
        fail(f"the gateway's database cannot be used ({type(error).__name__}); was it migrated? (lindung migrate)")
