"""A member state's MOSIP reaches the messages through the gateway; nobody else does, and the log tells them apart."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.cli.connection import Api, Identity, RefusedError, connect
from services.gateway.audit.log import AuditLog
from services.gateway.mosip_doors import MOSIP_DOORS
from shared.contracts.caller import Purpose
from tests.biometrics.mosip_share import Mosip, Shares, cbeff, finger_block, sharing

pytestmark = pytest.mark.anyio

SYSTEM = Identity("member-system", Purpose.WORKER_REGISTRATION)
KINDS = ("insert", "identify", "delete", "ping", "pendingJobs", "referenceCount")


@pytest.fixture(scope="module")
def shares() -> Any:
    with sharing() as started:
        yield started


@pytest.fixture(scope="module")
async def api(make_deployment: Any, shares: Shares) -> AsyncIterator[Api]:
    settings = make_deployment("sqlite").model_copy(update={"mosip_hosts": shares.host, "engine_threads": 1})
    async with connect(settings) as connected:
        yield connected


async def send(api: Api, name: str, who: Identity = SYSTEM, **fields: Any) -> httpx.Response:
    door = next(each for each in MOSIP_DOORS if each.operation.casefold() == f"mosip{name}".casefold())
    return await api.ask(who, door.method, door.path, json=Mosip.message(name, **fields))


async def test_every_message_passes(api: Api, shares: Shares) -> None:
    url = shares.put(cbeff(finger_block(71)))
    for reference in ("r1", "r2"):
        made = await send(api, "insert", referenceId=reference, referenceURL=url)
        assert (made.status_code, made.json()["returnValue"]) == (200, "1")
    found = (await send(api, "identify", referenceId="r1")).json()["candidateList"]
    assert [each["referenceId"] for each in found["candidates"]] == ["r2"]
    assert (await send(api, "referenceCount")).json()["count"] == "2"
    assert (await send(api, "pendingJobs")).json()["jobscount"] == "0"
    assert (await send(api, "ping")).json()["returnValue"] == "1"
    assert (await send(api, "delete", referenceId="r2")).json()["returnValue"] == "1"
    assert (await send(api, "delete", referenceId="r2")).json()["failureReason"] == "12"


async def test_two_deletions_are_two_subjects_in_the_log(api: Api) -> None:
    log: AuditLog = api._http._transport.app.state.audit_log  # type: ignore[attr-defined]
    asked: list[bytes] = []
    keep = log.append

    async def noted(caller: Any, kind: str, action: str, subject: Any, *more: Any) -> Any:
        asked.append(subject)
        return await keep(caller, kind, action, subject, *more)

    log.append = noted  # type: ignore[method-assign]
    try:
        await send(api, "delete", referenceId="a")
        await send(api, "delete", referenceId="b")
    finally:
        log.append = keep  # type: ignore[method-assign]
    assert len(set(asked)) == 2


async def test_other_roles_find_these_doors_shut(api: Api) -> None:
    async def status(name: str) -> int:
        with pytest.raises(RefusedError) as refused:
            await send(api, name, Identity("desk", Purpose.WORKER_REGISTRATION), referenceId="r1")
        return refused.value.status

    assert set(await asyncio.gather(*map(status, KINDS))) == {403}
