"""What a scanner is to the desk, whoever made it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from shared.contracts.packets import DeviceEvidence
from shared.contracts.registrations import FingerPosition

DPI: Final = 500
"""The resolution that fingerprints are taken and compared at."""

Options = Mapping[str, Any]
"""An adapter's own settings, from the table `[scanners.NAME]` of the desk's file."""


class ScannerError(Exception):
    """A scanner did not do what it was asked. The text is for the officer and holds nothing about the worker."""


class ScannerAwayError(ScannerError):
    """Nothing answers: not connected, its program not running, or it fell silent."""


class CaptureTimeoutError(ScannerError):
    """No finger came in time."""


class CaptureRefusedError(ScannerError):
    """The device says why it does not capture (busy, not ready, its licence …)."""


class AnswerUnreadableError(ScannerError):
    """The device answered something that its protocol does not allow, or half of it."""


class CaptureUntrustedError(ScannerError):
    """A signature, certificate, hash or time of a signed capture does not hold: the capture is not used."""


class CaptureSealedError(ScannerError):
    """The device captured, but sealed the image for somebody else."""


class ResolutionError(ScannerError):
    """The image is not at 500 dpi, or does not say at what."""


class ScannerUnknownError(ScannerError):
    """There is no adapter of that name, or its options are wrong."""


@dataclass(frozen=True)
class Device:
    """One scanner that is connected."""

    id: str
    make: str | None = None
    model: str | None = None
    serial: str | None = None
    ready: bool = True
    note: str | None = None


@dataclass(frozen=True, repr=False)
class Capture:
    """One print, and what is known about how it was taken.

    Attributes:
        image: a whole file: PNG (8-bit grey, 500 dpi), or WSQ as the device gave it.
        media_type: of `image`.
        quality: 0..100 as the device measured it, more is better; none: it does not say.
        scale: what `quality` is measured on, such as NFIQ2.
        signed: the device's signature, its certificates and the chain of hashes held.
    """

    image: bytes
    media_type: str
    device: Device
    quality: int | None = None
    scale: str | None = None
    signed: bool = False

    def evidence(self, adapter: str, position: FingerPosition) -> DeviceEvidence:
        """What goes into the packet about the device."""
        device = self.device
        return DeviceEvidence(
            adapter=adapter,
            position=position,
            make=_short(device.make),
            model=_short(device.model),
            serial=_short(device.serial),
            quality=self.quality,
            scale=self.scale,
            signed=self.signed,
            sha256=hashlib.sha256(self.image).hexdigest(),
        )


class Scanner(Protocol):
    """One adapter. Its methods are awaited; an SDK that blocks is called in a thread."""

    async def discover(self) -> list[Device]:
        """The devices that are connected now; empty when there is none."""

    async def info(self, device: str) -> Device:
        """One device's particulars, verified as far as its protocol can.

        Raises:
            ScannerError: it is not there, or what it says does not hold.
        """

    async def capture(self, finger: FingerPosition, timeout_s: float) -> Capture:
        """One print by the first device that is ready.

        Args:
            finger: which; the device is told it where its protocol has a word for it.
            timeout_s: how long the worker may take to place it.

        Raises:
            ScannerError: there is no print that may be used; its class says why.
        """


def _short(text: str | None) -> str | None:
    return text[:200] if text else None
