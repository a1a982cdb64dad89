"""For tests that send what no client of ours would: bearer tokens, whatever else the request brings."""

from dataclasses import replace

from services.gateway.access.clients import Clients
from shared.db.database import Database
from shared.settings import Settings


async def unbind(settings: Settings) -> None:
    """Let every client of a deployment have tokens that are not bound."""
    database = Database(settings.database_url("gateway"))
    clients = Clients(database)
    for known in await clients.all():
        await clients.register(replace(known.client, bound=False))
    await database.close()
