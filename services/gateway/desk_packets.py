"""The door for packets that desks sealed while they may have been without a network.

A packet is opened, checked, and goes the way of every registration: the same policy, the same log, the same registry.
Its id is the idempotency key, so a packet that comes again is the same registration again.
"""

import json
from typing import Annotated, Any, Final, cast
from uuid import UUID

import httpx
import structlog
from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from services.gateway.access.admission import admit, read_client_caller
from services.gateway.access.policy import Action, Kind, Policy
from services.gateway.audit.shown import REGISTRATION, Shown
from services.gateway.passage import log_shown, shown_answer, shown_model
from shared.contracts.caller import Caller
from shared.contracts.packets import PACKET_TYPE, PacketContents, PacketKey, PacketReceipt
from shared.contracts.registrations import Registration, RegistrationPage
from shared.crypto.packets import PacketError, PacketOpener, encode_public, key_id, read_packet_keys
from shared.http.client import ServiceClient
from shared.http.problems import MEDIA_TYPE
from shared.settings import Settings

KEY_FILE: Final = "gateway-packets.pem"
_SHOWS: Final = (Shown(("registration",), REGISTRATION),)
_NOT_USABLE: Final = "urn:lindung:problem:capture-not-usable"
_CONFLICT: Final = "urn:lindung:problem:idempotency-conflict"

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/desk", tags=["registrations"])


class PacketRefusedError(Exception):
    """The packet cannot be taken in, now or later. `reason` is a stable code."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class PacketsNotTakenError(Exception):
    """This gateway has no key for packets."""


@router.get("/key", summary="The key that packets are sealed to", operation_id="readPacketKey")
async def key(request: Request, _caller: Annotated[Caller, Depends(read_client_caller)]) -> PacketKey:
    """Public, but told only to clients: a desk learns it over the connection that it trusts anyway."""
    public = _opener(request).current
    return PacketKey(kid=key_id(public), x25519=encode_public(public))


@router.post(
    "/packets",
    summary="A registration that a desk sealed",
    operation_id="takePacket",
    status_code=201,
    response_model=PacketReceipt,
    responses={200: {"model": PacketReceipt, "description": "It came before; nothing was made twice"}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {PACKET_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def take_packet(
    request: Request, caller: Annotated[Caller, Depends(admit(Kind.REGISTRATION, Action.CREATE))]
) -> Response:
    """Answered when the registration is durable; the desk may then forget the packet."""
    opener, sealed = _opener(request), await request.body()
    packet, contents = await run_in_threadpool(_open, opener, sealed, caller)
    answer, left_out = await _register(cast("ServiceClient", request.app.state.registry), caller, packet, contents)
    if not answer.is_success:
        seen = cast("Policy", request.app.state.policy).seen(caller, Kind.REGISTRATION)
        return shown_answer(Response(answer.content, answer.status_code, media_type=MEDIA_TYPE), seen, None)
    registration = Registration.model_validate_json(answer.content)
    receipt = PacketReceipt.of(packet, registration, left_out)
    shown = shown_model(request, caller, Kind.REGISTRATION, receipt, 200 if answer.status_code == 200 else 201)
    await log_shown(request, caller, Kind.REGISTRATION, Action.CREATE, _SHOWS, shown)
    _tell(packet, contents)
    return shown


def _opener(request: Request) -> PacketOpener:
    """The keys, read once. A deployment that was set up before there were packets may have none yet."""
    held: PacketOpener | None = getattr(request.app.state, "packet_opener", None)
    if held is None:
        path = cast("Settings", request.app.state.settings).key_folder / KEY_FILE
        if not path.is_file():
            raise PacketsNotTakenError(f"there is no {KEY_FILE}: run lindung keys")
        held = request.app.state.packet_opener = read_packet_keys(path.read_bytes())
    return held


def _open(opener: PacketOpener, sealed: bytes, caller: Caller) -> tuple[UUID, PacketContents]:
    try:
        packet, octets = opener.open(sealed)
    except PacketError as error:
        raise PacketRefusedError(error.reason, str(error)) from error
    try:
        contents = PacketContents.model_validate_json(octets)
    except ValidationError as error:
        raise PacketRefusedError("CONTENTS_INVALID", f"{error.error_count()} fields do not fit") from error
    if contents.desk != caller.client_id:
        raise PacketRefusedError("OTHER_DESK", "another client packed this; it is theirs to bring")
    return packet, contents


async def _register(
    registry: ServiceClient, caller: Caller, packet: UUID, contents: PacketContents
) -> tuple[httpx.Response, list[str]]:
    """The registry's answer, and what had to be left out.

    The worker has gone home: a capture that cannot be used must not cost the whole registration.
    """
    body = contents.registration.model_dump(mode="json", exclude_none=True)
    answer = await _post(registry, caller, packet, body)
    problem = answer.json().get("type") if answer.is_client_error else None
    if problem == _NOT_USABLE:
        left_out = [str(item["pointer"]) for item in answer.json()["errors"]]
        return await _post(registry, caller, packet, _without(body, left_out)), left_out
    if problem == _CONFLICT:  # it came before, and was kept without what could not be used
        return await _find(registry, caller, contents, answer), []
    return answer, []


async def _post(registry: ServiceClient, caller: Caller, packet: UUID, body: dict[str, Any]) -> httpx.Response:
    headers = {"Idempotency-Key": f"packet-{packet}"}
    return await registry.request(caller, "POST", "/v1/registrations", json=body, headers=headers)


async def _find(
    registry: ServiceClient, caller: Caller, contents: PacketContents, conflict: httpx.Response
) -> httpx.Response:
    """The registration that the packet became, by the reference that only this packet has."""
    reference = contents.registration.reference
    if reference is None:
        return conflict
    answer = await registry.request(caller, "GET", "/v1/registrations", params={"reference": reference})
    found = RegistrationPage.model_validate_json(answer.content).items if answer.is_success else []
    return httpx.Response(200, content=found[0].model_dump_json()) if len(found) == 1 else conflict


def _without(body: dict[str, Any], pointers: list[str]) -> dict[str, Any]:
    """The same registration without what the pointers (`/body/photo`, `/body/fingers/2`) name."""
    kept: dict[str, Any] = json.loads(json.dumps(body))
    fingers = kept.get("fingers", [])
    kept["fingers"] = [finger for n, finger in enumerate(fingers) if f"/body/fingers/{n}" not in pointers]
    if "/body/photo" in pointers:
        kept.pop("photo", None)
    if "/body/document/portrait" in pointers:
        kept["document"].pop("portrait", None)
    return kept


def _tell(packet: UUID, contents: PacketContents) -> None:
    clock = contents.clock
    off = None if clock.network_time is None else round((clock.desk_time - clock.network_time).total_seconds())
    signed = sum(device.signed for device in contents.devices)
    log.info("packet_taken", packet=str(packet), clock_off_s=off, devices=len(contents.devices), signed=signed)
