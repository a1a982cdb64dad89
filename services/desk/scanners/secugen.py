"""SecuGen WebAPI (SgiBioSrv): one call captures; it answers JSON with a bitmap. Nothing in it is signed.

Source: SecuGen's published WebAPI description.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final

from services.desk.scanners.images import print_file
from services.desk.scanners.loopback import ask
from services.desk.scanners.scanner import (
    AnswerUnreadableError,
    Capture,
    CaptureRefusedError,
    CaptureTimeoutError,
    Device,
    Options,
    ScannerAwayError,
)
from shared.contracts.registrations import FingerPosition

_TIMED_OUT: Final = 54
_AWAY: Final = {
    51: "a file of its program cannot be loaded",
    52: "the sensor did not start",
    53: "it is not plugged in",
    55: "it is not plugged in",
    56: "its driver cannot be loaded",
    63: "its service is not running",
}
_REFUSED: Final = {
    57: "no usable image",
    58: "the USB line is too slow",
    59: "it is busy",
    61: "this model is not known",
}
_EXTRA_S: Final = 5.0


@dataclass(frozen=True)
class SecuGen:
    """The service on this PC.

    Attributes:
        url: of the service.
        ca: file of the authority (PEM) that signed the service's certificate for localhost.
        licence: SecuGen's licence string for WebAPI, where the deployment has one.
        least_quality: SecuGen's own, at which it captures by itself.
    """

    url: str = "https://localhost:8443"
    ca: str | None = None
    licence: str = ""
    least_quality: int = 50

    async def discover(self) -> list[Device]:
        """The WebAPI has no discovery: the service is there, or nothing is."""
        try:
            await ask("GET", self.url + "/", _EXTRA_S, self.ca)
        except ScannerAwayError as error:
            if "HTTP" not in str(error):
                return []
        return [Device(self.url, make="SecuGen")]

    async def info(self, device: str) -> Device:
        """What is known before a capture: that it is SecuGen's."""
        if not await self.discover():
            raise ScannerAwayError("SgiBioSrv does not answer; is it running?")
        return Device(device, make="SecuGen")

    async def capture(self, finger: FingerPosition, timeout_s: float) -> Capture:  # noqa: ARG002  it has no word for it
        """One print, as a bitmap."""
        form = {
            "Timeout": str(int(timeout_s * 1000)),
            "Quality": str(self.least_quality),
            "licstr": self.licence,
            "templateFormat": "ISO",
            "imageWSQRate": "0.75",
        }
        body = await ask("POST", self.url + "/SGIFPCapture", timeout_s + _EXTRA_S, self.ca, data=form)
        told = _read(body)
        image, media_type = print_file(_bitmap(told), told.get("ImageDPI"))
        quality = told.get("ImageQuality")
        usable = isinstance(quality, int) and 0 <= quality <= 100
        device = Device(
            self.url,
            told.get("Manufacturer") or "SecuGen",
            told.get("Model"),
            str(told.get("SerialNumber") or "") or None,
        )
        return Capture(image, media_type, device, quality if usable else None, "SecuGen" if usable else None)


def open_secugen(options: Options) -> SecuGen:
    """The adapter for `[scanners.secugen]`: `url`, `ca`, `licence`, `least_quality`."""
    return SecuGen(**options)


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
        code = int(told["ErrorCode"])
    except (ValueError, KeyError, TypeError) as error:
        raise AnswerUnreadableError("SgiBioSrv answered something else than a capture, or half of one") from error
    if code == _TIMED_OUT:
        raise CaptureTimeoutError("no finger came in time")
    if code in _AWAY:
        raise ScannerAwayError(f"the scanner does not work: {_AWAY[code]} ({code})")
    if code:
        raise CaptureRefusedError(f"the scanner refuses: {_REFUSED.get(code, 'see SecuGen’s list of errors')} ({code})")
    return dict(told)


def _bitmap(told: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(told["BMPBase64"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise AnswerUnreadableError("SgiBioSrv gave no bitmap") from error
