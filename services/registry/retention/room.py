"""The retention room: its errors as answers, and what it does while the registry runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.registry.erased import ErasedError
from services.registry.keeping import HoldRefusedError
from services.registry.retention.sweeping import Retention
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.http.background import run_alongside
from shared.http.problems import Answer, ProblemTable

PROBLEMS: ProblemTable = {
    ErasedError: Answer(410, "erased", "It was erased"),
    HoldRefusedError: Answer(422, "hold-refused", "This is no hold for a while"),
}
"""Errors about what is kept, whichever room meets them."""


@asynccontextmanager
async def open_retention_room(database: Database, keys: KeyRing) -> AsyncIterator[None]:
    """Erase what is due while the block runs."""
    async with run_alongside(Retention(database, keys).run()):
        yield
