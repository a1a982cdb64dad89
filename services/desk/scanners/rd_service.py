"""Registered devices as India's UIDAI describes them: found and asked, but their captures are sealed for UIDAI.

What such a device gives cannot be opened by anybody else, so no registration can use it. The adapter exists so that a
desk with such a scanner says exactly that, instead of "no scanner": most vendors also ship a service of their own for
the same hardware.

Source: UIDAI, Aadhaar Registered Devices, technical specification 2.0: verbs RDSERVICE, DEVICEINFO, CAPTURE.
"""

from collections.abc import Iterable
from typing import Final

from services.desk.scanners.loopback import ask
from services.desk.scanners.rd_xml import Element, read_xml
from services.desk.scanners.scanner import (
    AnswerUnreadableError,
    Capture,
    CaptureRefusedError,
    CaptureSealedError,
    CaptureTimeoutError,
    Device,
    Options,
    ScannerAwayError,
    ScannerError,
)
from shared.contracts.registrations import FingerPosition

PORTS: Final = range(11100, 11121)
_ASK_S: Final = 3.0
_TIMED_OUT: Final = "700"
_OPTIONS: Final = (
    '<PidOptions ver="1.0"><Opts fCount="1" fType="2" iCount="0" pCount="0" format="0" pidVer="2.0" '
    'timeout="{timeout}" env="P"/></PidOptions>'
)


class RdService:
    """Registered devices on this PC.

    Args:
        ports: where their services listen.
    """

    def __init__(self, ports: Iterable[int] = PORTS) -> None:
        self._ports = tuple(ports)

    async def discover(self) -> list[Device]:
        """Every port is asked; most have nothing on them."""
        found = []
        for port in self._ports:
            try:
                root = await self._service(port)
            except ScannerError:
                continue
            status = root.attributes.get("status", "")
            found.append(Device(str(port), make=root.attributes.get("info"), ready=status == "READY", note=status))
        return found

    async def info(self, device: str) -> Device:
        """By DEVICEINFO: `dpId` is the maker, `mi` the model, `dc` the device's code."""
        root = await self._service(int(device))
        body = await ask("DEVICEINFO", _address(device, root, "DEVICEINFO"), _ASK_S)
        told = read_xml(body, "DeviceInfo").attributes
        status = root.attributes.get("status", "")
        return Device(device, told.get("dpId"), told.get("mi"), told.get("dc"), ready=status == "READY", note=status)

    async def capture(self, finger: FingerPosition, timeout_s: float) -> Capture:  # noqa: ARG002  it has no word for it
        """Always ends in an error: also a good capture is sealed for UIDAI."""
        ready = [device for device in await self.discover() if device.ready]
        if not ready:
            raise ScannerAwayError("no registered device is ready")
        root = await self._service(int(ready[0].id))
        wanted = _OPTIONS.format(timeout=int(timeout_s * 1000)).encode()
        body = await ask("CAPTURE", _address(ready[0].id, root, "CAPTURE"), timeout_s + _ASK_S, content=wanted)
        answer = read_xml(body, "PidData")
        _check(answer)
        if answer.find("Skey") is None or answer.find("Data") is None:
            raise AnswerUnreadableError("the registered device's answer lacks its sealed data")
        raise CaptureSealedError(
            "this registered device captured, but seals prints for UIDAI: use the vendor's own service for it"
        )

    async def _service(self, port: int) -> Element:
        return read_xml(await ask("RDSERVICE", f"http://127.0.0.1:{port}/", _ASK_S), "RDService")


def open_rd_service(_options: Options) -> RdService:
    """The adapter for `[scanners.rd-service]`; it has no options."""
    return RdService()


def _address(device: str, root: Element, name: str) -> str:
    for each in root.inside:
        path = each.attributes.get("path", "")
        if each.name == "Interface" and each.attributes.get("id") == name and path.startswith("/"):
            return f"http://127.0.0.1:{int(device)}{path}"
    raise AnswerUnreadableError(f"the registered device does not say where it answers {name}")


def _check(answer: Element) -> None:
    told = answer.find("Resp")
    if told is None:
        raise AnswerUnreadableError("the registered device's answer has no result")
    code, info = told.attributes.get("errCode", "?"), told.attributes.get("errInfo", "")[:120]
    if code == _TIMED_OUT:
        raise CaptureTimeoutError("no finger came in time")
    if code != "0":
        raise CaptureRefusedError(f"the registered device says: {info} ({code[:8]})")
