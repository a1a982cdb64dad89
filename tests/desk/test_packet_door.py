"""The gateway's door for packets: the same registration, policy and log as the door that needs a network."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image

from services.cli.connection import Api, Identity, RefusedError, connect
from services.desk.queue.gateway import encode
from shared.contracts.caller import Purpose
from shared.contracts.packets import PACKET_TYPE, PacketKey
from shared.crypto.packets import decode_public, new_packet_key, read_packet_keys, seal_packet
from shared.settings import Settings
from tests.conftest import MakeDeployment

pytestmark = pytest.mark.anyio

DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
AUDITOR = Identity("auditor", Purpose.AUDIT)
TYPE = {"Content-Type": PACKET_TYPE}


@pytest.fixture(scope="module")
def settings(make_deployment: MakeDeployment) -> Settings:
    return make_deployment("sqlite")


@pytest.fixture(scope="module")
async def api(settings: Settings) -> AsyncIterator[Api]:
    async with connect(settings) as connected:
        yield connected


async def sealed(api: Api, packet: UUID, **contents: Any) -> bytes:
    key = PacketKey.model_validate((await api.ask(DESK, "GET", "/v1/desk/key")).json())
    body = {"name": "SITI AMINAH", "born": "1996-04-02", "reference": f"R-{packet}"[:40]}
    told = {"desk": "desk", "clock": {"desk_time": datetime.now(UTC).isoformat()}, "registration": body} | contents
    return seal_packet(httpx.Request("POST", "http://x", json=told).content, packet, decode_public(key.x25519))


async def post(api: Api, octets: bytes) -> httpx.Response:
    return await api.ask(DESK, "POST", "/v1/desk/packets", content=octets, headers=TYPE)


async def registrations(api: Api, reference: str) -> list[dict[str, Any]]:
    answer = await api.ask(DESK, "GET", "/v1/registrations", params={"reference": reference})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_packet_is_a_registration_once_however_often_it_comes(api: Api) -> None:
    packet = uuid4()
    octets = await sealed(api, packet)
    first = await post(api, octets)
    receipt = first.json()
    assert (first.status_code, receipt["packet"], receipt["state"]) == (201, str(packet), "PROVISIONAL")
    again = await post(api, await sealed(api, packet))  # sealed anew, the same inside
    assert again.json()["registration"] == receipt["registration"]
    (found,) = await registrations(api, receipt["reference"])
    assert (found["registration"], found["name"]) == (receipt["registration"], "SITI AMINAH")
    entries = (await api.ask(AUDITOR, "GET", "/v1/log/entries", params={"limit": 100})).json()["entries"]
    told = [(each["action"], each["outcome"]) for each in entries if each["kind"] == "registration"]
    assert told.count(("create", "shown")) == 2


async def test_a_capture_that_cannot_be_used_costs_no_registration(api: Api) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 480), "grey").save(buffer, "JPEG")
    packet = uuid4()
    body = {
        "name": "DEWI", "born": "1990-01-01", "reference": f"R-{packet}"[:40], "photo": encode(buffer.getvalue()),
        "fingers": [{"position": "left-index", "exception": "BANDAGED"}],
    }  # fmt: skip
    octets = await sealed(api, packet, registration=body)
    receipt = (await post(api, octets)).json()
    assert receipt["left_out"] == ["/body/photo"]
    assert (await post(api, octets)).json()["registration"] == receipt["registration"]
    assert len(await registrations(api, receipt["reference"])) == 1


async def test_packets_that_are_refused_say_why_and_change_nothing(api: Api, settings: Settings) -> None:
    good = await sealed(api, uuid4())
    key = read_packet_keys((settings.key_folder / "gateway-packets.pem").read_bytes()).current
    wrong = {
        "NOT_A_PACKET": [b"", b"LDP2" + good[4:], b"{}" * 50],
        "KEY_UNKNOWN": [seal_packet(b"{}", uuid4(), read_packet_keys(new_packet_key()).current)],
        "NOT_OPENED": [good[:-1], good[:40] + b"\x00" + good[41:]],
        "CONTENTS_INVALID": [
            seal_packet(b"{}", uuid4(), key),
            seal_packet(b"\xff", uuid4(), key),
            await sealed(api, uuid4(), registration={"born": "1996"}),
        ],
        "OTHER_DESK": [await sealed(api, uuid4(), desk="desk-batam")],
    }
    for reason, packets in wrong.items():
        for octets in packets:
            with pytest.raises(RefusedError) as told:
                await post(api, octets)
            assert (told.value.status, told.value.problem["reason"]) == (422, reason)
            assert "1996" not in str(told.value.problem)
    with pytest.raises(RefusedError) as told:  # what the registration's own door refuses, this one refuses alike
        await post(api, await sealed(api, uuid4(), registration={"name": "A", "born": "2999-01-01"}))
    assert (told.value.status, told.value.problem["type"]) == (422, "urn:lindung:problem:invalid")


async def test_only_who_may_register_may_bring_packets(api: Api) -> None:
    for identity in (Identity("licensing", Purpose.LICENCE_CHECK), Identity("desk", Purpose.LICENCE_CHECK)):
        with pytest.raises(RefusedError) as told:
            await api.ask(identity, "POST", "/v1/desk/packets", content=await sealed(api, uuid4()), headers=TYPE)
        assert told.value.status == 403
