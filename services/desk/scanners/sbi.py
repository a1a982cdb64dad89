"""MOSIP Secure Biometric Interface 0.9.5 (devices for registration): discovery, information, signed captures.

A capture is used only when everything holds: the signature and certificates up to a configured anchor, the device's
own signed identity, the request's id, finger and time, and the chain of hashes.

Source: MOSIP device service specification 0.9.5; the hash as MOSIP's own mock and compliance kit compute it, over the
octets: SHA-256(previous hash || SHA-256(image record)), upper-case hexadecimal.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from services.desk.scanners.images import print_file
from services.desk.scanners.loopback import ask
from services.desk.scanners.sbi_trust import Anchors, object_of, octets_of
from services.desk.scanners.scanner import (
    AnswerUnreadableError,
    Capture,
    CaptureRefusedError,
    CaptureTimeoutError,
    CaptureUntrustedError,
    Device,
    Options,
    ScannerAwayError,
    ScannerError,
    ScannerUnknownError,
)
from shared.contracts.registrations import FingerPosition

PORTS: Final = range(4501, 4601)
_SPEC: Final = "0.9.5"
_EMPTY: Final = hashlib.sha256(b"").hexdigest().upper()
_ASK_S: Final = 5.0
_AWRY: Final = timedelta(seconds=60)
_TIMEOUTS: Final = frozenset({"701", "702", "703"})
_READY: Final = "Ready"


class Sbi:
    """Devices that speak the interface on this PC.

    Args:
        trust: file of the device providers' authorities (PEM).
        env: the environment that the devices were set up for.
        ports: where their services listen.
        requested_score: quality (NFIQ 2) at which a device captures by itself.
    """

    def __init__(
        self, trust: Path, env: str = "Production", ports: Iterable[int] = PORTS, requested_score: int = 40
    ) -> None:
        self._anchors = Anchors(trust)
        self._env = env
        self._ports = tuple(ports)
        self._score = requested_score
        self._previous = _EMPTY

    async def discover(self) -> list[Device]:
        """Finger scanners on all ports; what discovery says is not signed yet."""
        answers = await asyncio.gather(*(self._at(port) for port in self._ports), return_exceptions=True)
        return [device for found in answers if isinstance(found, list) for device in found]

    async def info(self, device: str) -> Device:
        """One device (`port/id`), by its signed information."""
        port, _, identity = device.partition("/")
        body = await ask("MOSIPDINFO", f"http://127.0.0.1:{int(port)}/info", _ASK_S, json={})
        for entry in _list(body):
            _check_error(entry)
            told = self._anchors.read(str(entry.get("deviceInfo")))
            if told.get("deviceId") == identity:
                return self._device(device, told, self._anchors.read(str(told.get("digitalId"))))
        raise ScannerAwayError("the scanner is not connected any more")

    async def capture(self, finger: FingerPosition, timeout_s: float) -> Capture:
        """One finger by RCAPTURE, verified."""
        device = await self._first_ready()
        port, _, identity = device.id.partition("/")
        transaction, asked_at = secrets.token_hex(16), datetime.now(UTC)
        request = {
            "env": self._env,
            "purpose": "Registration",
            "specVersion": _SPEC,
            "timeout": str(int(timeout_s * 1000)),
            "captureTime": _iso(asked_at),
            "transactionId": transaction,
            "bio": [self._wanted(finger, identity)],
            "customOpts": None,
        }
        body = await ask("RCAPTURE", f"http://127.0.0.1:{int(port)}/capture", timeout_s + _ASK_S, json=request)
        entry = _one(body)
        _check_error(entry)
        told = self._anchors.read(str(entry.get("data")))
        _check_request(told, {"transactionId": transaction, "bioType": "Finger", "bioSubType": _word(finger)})
        _check_request(told, {"purpose": "Registration", "env": self._env})
        _check_time(told.get("timestamp"), asked_at)
        self._check_identity(told, device)
        record = octets_of(str(told.get("bioValue")))
        self._check_chain(entry, record)
        image, media_type = print_file(record, None)
        return Capture(image, media_type, device, _quality(told.get("qualityScore")), "NFIQ2", signed=True)

    def _wanted(self, finger: FingerPosition, identity: str) -> dict[str, Any]:
        return {
            "type": "Finger",
            "count": "1",
            "bioSubType": [_word(finger)],
            "exception": [],
            "requestedScore": str(self._score),
            "deviceId": identity,
            "deviceSubId": "0",
            "previousHash": self._previous,
        }

    async def _at(self, port: int) -> list[Device]:
        body = await ask("MOSIPDISC", f"http://127.0.0.1:{port}/device", _ASK_S, json={"type": "Finger"})
        return [self._device(f"{port}/{entry.get('deviceId')}", entry, _unsigned(entry)) for entry in _list(body)]

    async def _first_ready(self) -> Device:
        found = [device for device in await self.discover() if device.ready]
        if not found:
            raise ScannerAwayError("no scanner is ready: is its service running, and is it plugged in?")
        device = await self.info(found[0].id)
        if not device.ready:
            raise CaptureRefusedError(f"the scanner says: {device.note}")
        return device

    def _device(self, identity: str, told: dict[str, Any], digital: dict[str, Any]) -> Device:
        status = str(told.get("deviceStatus"))
        return Device(
            identity,
            _text(digital.get("make")),
            _text(digital.get("model")),
            _text(digital.get("serialNo")),
            ready=status == _READY,
            note=status,
        )

    def _check_identity(self, told: dict[str, Any], device: Device) -> None:
        digital = self._anchors.read(str(told.get("digitalId")))
        serial = _text(digital.get("serialNo"))
        if serial is None or serial != device.serial or told.get("deviceCode") != serial:
            raise CaptureUntrustedError("the capture is signed as another device's")
        if digital.get("type") != "Finger":
            raise CaptureUntrustedError("the capture is signed by a device that is no finger scanner")

    def _check_chain(self, entry: dict[str, Any], record: bytes) -> None:
        expected = chain(self._previous, record)
        if not secrets.compare_digest(str(entry.get("hash")).upper(), expected):
            raise CaptureUntrustedError("the chain of hashes is broken: a capture is missing, or was put in")
        self._previous = expected


def chain(previous: str, record: bytes) -> str:
    """The next hash of the chain, upper-case hexadecimal."""
    return hashlib.sha256(bytes.fromhex(previous) + hashlib.sha256(record).digest()).hexdigest().upper()


def open_sbi(options: Options) -> Sbi:
    """The adapter for `[scanners.sbi]`: `trust` (file), `env`, `requested_score`.

    Raises:
        ScannerUnknownError: no trust, or another option that does not fit.
    """
    if "trust" not in options:
        raise ScannerUnknownError("sbi: `trust` must name the file of the device providers' authorities")
    given = dict(options)
    return Sbi(Path(given.pop("trust")), **given)


def _word(finger: FingerPosition) -> str:
    """`right-index` is `Right IndexFinger`, `left-thumb` is `Left Thumb`."""
    if finger is FingerPosition.UNKNOWN:
        return "UNKNOWN"
    side, name = finger.value.split("-")
    return f"{side.capitalize()} {name.capitalize()}" + ("" if name == "thumb" else "Finger")


def _list(body: bytes) -> list[dict[str, Any]]:
    entries = _json(body)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise AnswerUnreadableError("the scanner's answer is no list of devices")
    return entries


def _one(body: bytes) -> dict[str, Any]:
    told = _json(body)
    entries = told.get("biometrics") if isinstance(told, dict) else None
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], dict):
        raise AnswerUnreadableError("one finger was asked for; the scanner answered something else")
    return entries[0]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise AnswerUnreadableError("the scanner's answer is no JSON, or only half of it") from error


def _check_error(entry: dict[str, Any]) -> None:
    error = entry.get("error") or {}
    code = str(error.get("errorCode", "0")) if isinstance(error, dict) else "?"
    if code in {"0", ""}:
        return
    told = f"the scanner says: {str(error.get('errorInfo'))[:120]} ({code[:8]})"
    raise CaptureTimeoutError(told) if code in _TIMEOUTS else CaptureRefusedError(told)


def _check_request(told: dict[str, Any], asked: dict[str, str]) -> None:
    for name, value in asked.items():
        if told.get(name) != value:
            raise CaptureUntrustedError(f"the capture answers another request ({name})")


def _check_time(timestamp: Any, asked_at: datetime) -> None:
    """Both clocks are this PC's."""
    try:
        at = datetime.fromisoformat(str(timestamp))
    except ValueError as error:
        raise AnswerUnreadableError("the capture says no time") from error
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not asked_at - _AWRY <= at <= datetime.now(UTC) + _AWRY:
        raise CaptureUntrustedError("the capture is of another time")


def _unsigned(entry: dict[str, Any]) -> dict[str, Any]:
    """The digital id as discovery gives it: base64url of the object, or signed already."""
    text = str(entry.get("digitalId", ""))
    try:
        return object_of(text.split(".")[1] if "." in text else text)
    except ScannerError:
        return {}


def _quality(told: Any) -> int | None:
    try:
        value = round(float(told))
    except (TypeError, ValueError):
        return None
    return value if 0 <= value <= 100 else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
