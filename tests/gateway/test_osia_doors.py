"""A member state's own systems reach the biometric service, and only what is theirs; nobody else does."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.cli.connection import Api, Identity, RefusedError, connect
from services.gateway.access.clients import Client, Clients
from services.gateway.access.policy import Action, Kind, load_policy
from services.gateway.osia_doors import OSIA_DOORS
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.osia import Encounter
from shared.crypto.keyfiles import new_signing_key, public_jwk
from shared.db.database import Database
from shared.http.client import ServiceClient
from shared.http.tokens import CallerSigner
from shared.settings import Settings

pytestmark = pytest.mark.anyio

GONE = {"biometricType": "FINGER", "missing": [{"biometricSubType": "LEFT_THUMB", "presence": "AMPUTATED"}]}
ENCOUNTER = {"status": "ACTIVE", "encounterType": "visit", "galleries": ["g"], "biometricData": [GONE]}
DESK = Identity("desk", Purpose.WORKER_REGISTRATION)


@pytest.fixture(scope="module")
async def api(make_deployment: Any) -> AsyncIterator[Api]:
    settings: Settings = make_deployment("sqlite")
    async with connect(settings) as connected:
        database = Database(settings.database_url("gateway"))
        for name in ("north", "south", "registry"):
            private = new_signing_key()
            (settings.key_folder / "clients" / f"{name}.pem").write_bytes(private)
            client = Client(name, name, settings.member, Role.MEMBER_SYSTEM, public_jwk(private, name))
            await Clients(database).register(client)
        await database.close()
        yield connected


async def ask(api: Api, who: str, method: str, path: str, **options: Any) -> httpx.Response:
    identity = Identity(who, Purpose.WORKER_REGISTRATION)
    return await api.ask(identity, method, path, params={"transactionId": "T1"}, **options)


async def refused(api: Api, who: str, method: str, path: str, **options: Any) -> int:
    with pytest.raises(RefusedError) as error:
        await ask(api, who, method, path, **options)
    return error.value.status


async def test_a_system_works_with_its_own_persons(api: Api) -> None:
    made = (await ask(api, "north", "POST", "/v1/persons", json=ENCOUNTER)).json()
    path = f"/v1/persons/{made['personId']}/encounters/{made['encounterId']}"
    assert Encounter.model_validate((await ask(api, "north", "GET", path)).json()).galleries == ["g"]
    assert (await ask(api, "north", "PUT", f"{path}/galleries", json=["h"])).status_code == 204
    listed = await ask(api, "north", "GET", "/v1/galleries/h", headers={"Accept": "text/csv"})
    assert listed.text.splitlines()[1] == f"{made['personId']},{made['encounterId']}"
    for other in ("south", "registry"):
        assert await refused(api, other, "GET", path) == 404
        assert await refused(api, other, "DELETE", path) == 404
    assert (await ask(api, "north", "DELETE", path)).status_code == 204


async def test_the_registrys_workers_are_nobodys_elses(api: Api) -> None:
    """Not even of a system that calls itself the registry."""
    keys = api._settings.key_folder
    signer = CallerSigner("registry", (keys / "registry-signing.pem").read_bytes())
    biometrics: ServiceClient = api._http._transport.app.state.biometrics  # type: ignore[attr-defined]
    direct = ServiceClient("biometrics", signer, "http://biometrics", biometrics._client._transport)
    registry = Caller(
        client_id="registry",
        organisation="registry",
        member=api._settings.member,
        scopes=frozenset({"abis.encounter.write"}),
    )
    person = secrets.token_hex(16)
    path = f"/v1/persons/{person}/encounters/e1"
    made = await direct.request(registry, "POST", path, params={"transactionId": "T"}, json=ENCOUNTER)
    assert made.status_code == 200
    for other in ("north", "registry"):
        assert await refused(api, other, "GET", path) == 404
        assert await refused(api, other, "PUT", path, json=ENCOUNTER) == 404
        assert await refused(api, other, "POST", f"/v1/persons/{person}/encounters", json=ENCOUNTER) == 403
    await direct.close()


async def test_other_roles_find_these_doors_shut(api: Api) -> None:
    statuses = await asyncio.gather(
        *(
            refused(api, "desk", door.method, door.path.replace("{", "").replace("}", ""), json={})
            for door in OSIA_DOORS
        )
    )
    assert set(statuses) == {403}


def test_only_member_systems_have_rows_for_them() -> None:
    actions = {door.action for door in OSIA_DOORS}
    assert not actions & {Action.VERIFY, Action.QUALITY}
    rows = [row for row in load_policy().rows if row.kind is Kind.BIOMETRIC and row.action in actions]
    assert {(row.role, row.purpose) for row in rows} == {(Role.MEMBER_SYSTEM, Purpose.WORKER_REGISTRATION)}
