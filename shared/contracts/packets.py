"""What a desk packs for the gateway while there may be no network, and the receipt that it gets.

A packet on the way is `shared.crypto.packets`' sealed form of `PacketContents`; only the gateway opens it.
"""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.registrations import FingerPosition, Registration, RegistrationRequest, RegistrationState

PACKET_TYPE: Final = "application/vnd.lindung.packet"

Words = Annotated[str, StringConstraints(max_length=200)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PacketKey(_Wire):
    """The gateway's public key that packets are sealed to (X25519, RFC 7748)."""

    kid: str = Field(description="First eight octets of the key's SHA-256, hexadecimal")
    x25519: str = Field(description="The public key's 32 octets, base64")


class ClockReading(_Wire):
    """What time it was, as far as the desk knows.

    `desk_time` is the PC's clock. `network_time` counts on from the gateway's last Date header with a clock that
    nobody can set; none: the desk has not reached the gateway since it was started.
    """

    desk_time: datetime
    network_time: datetime | None = None


class DeviceEvidence(_Wire):
    """Which device took a print, and what was verified about that; says nothing about whose print it is."""

    adapter: str = Field(max_length=40)
    position: FingerPosition
    make: Words | None = None
    model: Words | None = None
    serial: Words | None = None
    quality: int | None = Field(default=None, ge=0, le=100)
    scale: str | None = Field(default=None, max_length=40, description="What the quality is measured on, such as NFIQ2")
    signed: bool = Field(default=False, description="The device signed, and the signature and its chain held")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="Of the image as it is in the registration")


class PacketContents(_Wire):
    """What is in a packet: the registration as the door takes it, who packed it, when, and with which devices."""

    version: Literal[1] = 1
    desk: str = Field(max_length=128, description="The client that packed it; nobody else may bring it")
    clock: ClockReading
    devices: list[DeviceEvidence] = Field(default_factory=list, max_length=30)
    registration: RegistrationRequest


class PacketReceipt(_Wire):
    """The gateway has the packet, and the registration is kept: the desk may forget it."""

    packet: UUID
    registration: str
    reference: str | None = None
    state: RegistrationState
    left_out: list[str] = Field(
        default_factory=list,
        description="Captures that could not be used, by their place in the registration; it was kept without them",
    )

    @classmethod
    def of(cls, packet: UUID, registration: Registration, left_out: list[str]) -> "PacketReceipt":
        """The receipt for a registration as the registry answered it."""
        return cls(
            packet=packet,
            registration=registration.registration,
            reference=registration.reference,
            state=registration.state,
            left_out=left_out,
        )
