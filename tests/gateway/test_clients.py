"""Clients of the embedded deployment: one that was cut off stays so."""

import pytest

from services.cli.preparation import prepare
from services.gateway.access.clients import Clients
from shared.db.database import Database
from shared.settings import Settings

pytestmark = pytest.mark.anyio


async def test_a_restart_lets_nobody_in_again_who_was_cut_off(deployment: Settings) -> None:
    await prepare(deployment)
    database = Database(deployment.database_url("gateway"))
    clients = Clients(database)
    await clients.deactivate("desk")
    before = {each.client.client_id: each for each in await clients.all()}
    await prepare(deployment)
    assert {each.client.client_id: each for each in await clients.all()} == before
    (deployment.key_folder / "clients" / "licensing.pem").unlink()
    await prepare(deployment)
    after = {each.client.client_id: each for each in await clients.all()}
    assert after["licensing"].client.jwk != before["licensing"].client.jwk  # a new key is made known
    assert not after["desk"].active
    await database.close()
