"""The registry on SQLite and on PostgreSQL, open for the tests of a module."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.cli.connection import Api, connect
from services.registry.app import create_app
from shared.http.tokens import CallerSigner
from shared.settings import Settings
from tests.registry.door import RegistryDoor
from tests.registry.hall import Hall, open_hall


@pytest.fixture(scope="module")
async def door(deployment: Settings) -> AsyncIterator[RegistryDoor]:
    app = create_app(deployment)
    signer = CallerSigner("gateway", (deployment.key_folder / "gateway-signing.pem").read_bytes())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://registry") as client,
    ):
        yield RegistryDoor(client, signer)


@pytest.fixture(scope="module")
async def hall(deployment: Settings) -> AsyncIterator[Hall]:
    async with open_hall(deployment) as opened:
        yield opened


@pytest.fixture(scope="module")
async def api(deployment: Settings) -> AsyncIterator[Api]:
    """The doors of a whole deployment, not the registry's own."""
    async with connect(deployment) as connected:
        yield connected
