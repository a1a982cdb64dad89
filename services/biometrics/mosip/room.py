"""The room put together: what its messages need beside the rooms that serve OSIA."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.biometrics.mosip.arrivals import Arrivals
from services.biometrics.mosip.datashare import DataShareKey
from services.biometrics.mosip.fetching import ShareFetcher
from services.biometrics.mosip.references import References
from services.biometrics.tasks.addresses import NamedHosts
from shared.db.database import Database
from shared.settings import Settings


@asynccontextmanager
async def open_mosip(app: FastAPI, database: Database) -> AsyncIterator[None]:
    """Let the service serve MOSIP's messages.

    Args:
        app: the service.
        database: its own.

    Raises:
        OSError, ValueError: the key that shares are sealed for cannot be read.
    """
    settings: Settings = app.state.settings
    hosts = NamedHosts(settings.mosip_hosts, "referenceURL", "LINDUNG_MOSIP_HOSTS")
    key = None if settings.mosip_key_file is None else DataShareKey.load(settings.mosip_key_file)
    fetcher = ShareFetcher(hosts, key)
    app.state.mosip_fetcher, app.state.mosip_references = fetcher, References(database)
    app.state.mosip_arrivals = Arrivals()
    try:
        yield
    finally:
        await fetcher.close()
