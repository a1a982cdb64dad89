"""From a finished capture to a packet in the outbox."""

import asyncio
import secrets
from typing import Final
from uuid import UUID, uuid4

from services.desk.queue.clock import Clock
from services.desk.queue.doubles import DoubleWatch
from services.desk.queue.keystore import KeyStore
from services.desk.queue.outbox import Outbox
from shared.contracts.packets import DeviceEvidence, PacketContents
from shared.contracts.registrations import RegistrationRequest
from shared.crypto.packets import seal_packet

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U to be misread."""


def new_reference() -> str:
    """What stands on the receipt: 60 random bits, twelve letters in three groups. It says nothing about anybody."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


class Packer:
    """Seals and keeps registrations.

    Args:
        desk: the client that packs.
        outbox, keys, clock, doubles: of this desk.
    """

    def __init__(self, desk: str, outbox: Outbox, keys: KeyStore, clock: Clock, doubles: DoubleWatch) -> None:
        self._desk = desk
        self._outbox = outbox
        self._keys = keys
        self._clock = clock
        self._doubles = doubles

    async def pack(self, request: RegistrationRequest, devices: list[DeviceEvidence]) -> UUID:
        """The packet's id, once it is durable.

        Raises:
            NoPacketKeyError, OutboxFullError, OSError: nothing was kept.
        """
        packet, key = uuid4(), self._keys.current()
        contents = PacketContents(
            desk=self._desk, clock=self._clock.reading(), devices=devices, registration=request
        ).model_dump_json(exclude_none=True)
        await asyncio.to_thread(lambda: self._outbox.put(packet, seal_packet(contents.encode(), packet, key)))
        self._doubles.remember(packet, request)
        return packet

    def double(self, request: RegistrationRequest) -> UUID | None:
        """A waiting packet that may be of the same worker."""
        return self._doubles.earlier(request, {each.packet for each in self._outbox.waiting()})
