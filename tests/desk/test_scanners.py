"""Each adapter against a service that speaks the vendor's protocol over a socket, good and bad."""

import hashlib
import io
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from PIL import Image

from services.desk.scanners.adapters import OURS, adapter_names, open_scanner
from services.desk.scanners.folder import Folder
from services.desk.scanners.images import WSQ, print_file
from services.desk.scanners.libfprint import Libfprint
from services.desk.scanners.rd_service import RdService
from services.desk.scanners.sbi import PORTS, Sbi
from services.desk.scanners.scanner import (
    AnswerUnreadableError,
    CaptureRefusedError,
    CaptureSealedError,
    CaptureTimeoutError,
    CaptureUntrustedError,
    ResolutionError,
    ScannerAwayError,
    ScannerError,
    ScannerUnknownError,
)
from services.desk.scanners.secugen import SecuGen
from shared.contracts.registrations import FingerPosition
from tests.desk.devices import (
    RD_SEALED,
    Authority,
    SbiDevice,
    SecuGenService,
    bitmap_of,
    localhost_tls,
    rd_answer,
    serving,
)

pytestmark = pytest.mark.anyio
FINGER = FingerPosition.RIGHT_INDEX


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def device_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def png(prints: Path) -> bytes:
    return (prints / "right-index.1.png").read_bytes()


@pytest.fixture
def trust(authority: Authority, tmp_path: Path) -> Path:
    path = tmp_path / "anchors.pem"
    path.write_bytes(authority.pem)
    return path


@pytest.fixture
def device(authority: Authority, device_key: RSAPrivateKey, png: bytes) -> SbiDevice:
    with Image.open(io.BytesIO(png)) as image:
        return SbiDevice(authority, device_key, image.tobytes(), *image.size)


def pixels(image: bytes) -> tuple[bytes, object]:
    with Image.open(io.BytesIO(image)) as read:
        return read.tobytes(), round(read.info["dpi"][0])


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- MOSIP SBI


async def test_sbi_gives_verified_captures_in_a_chain(device: SbiDevice, trust: Path) -> None:
    with serving(device.answer) as port:
        scanner = Sbi(trust, ports=[port - 1, port])
        (found,) = await scanner.discover()
        assert await scanner.info(found.id) == found
        assert (found.make, found.model, found.serial, found.ready) == ("Testmake", "T-1", "MSIP00000001", True)
        captures = [await scanner.capture(FINGER, 2), await scanner.capture(FingerPosition.LEFT_THUMB, 2)]
    assert pixels(captures[0].image) == (device.pixels, 500)
    assert [(each.signed, each.quality, each.scale) for each in captures] == [(True, 78, "NFIQ2")] * 2
    assert [asked["bio"][0]["bioSubType"] for asked in device.asked] == [["Right IndexFinger"], ["Left Thumb"]]
    empty = hashlib.sha256(b"").hexdigest().upper()
    assert device.asked[0]["bio"][0]["previousHash"] == empty
    assert device.asked[1]["bio"][0]["previousHash"] not in {empty, device.previous}
    evidence = captures[0].evidence("sbi", FINGER)
    assert (evidence.signed, evidence.sha256) == (True, hashlib.sha256(captures[0].image).hexdigest())


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        ("signature", CaptureUntrustedError),
        ("stranger", CaptureUntrustedError),
        ("expired", CaptureUntrustedError),
        ("algorithm", CaptureUntrustedError),
        ("chain", CaptureUntrustedError),
        ("replay", CaptureUntrustedError),
        ("finger", CaptureUntrustedError),
        ("device", CaptureUntrustedError),
        ("old", CaptureUntrustedError),
        ("unsigned", AnswerUnreadableError),
        ("half", ScannerAwayError),
        ("dpi", ResolutionError),
        ("busy", ScannerAwayError),
        ("timeout", CaptureTimeoutError),
    ],
)
async def test_sbi_uses_nothing_that_does_not_hold(
    device: SbiDevice, trust: Path, spoil: str, error: type[ScannerError]
) -> None:
    device.spoil = spoil
    with serving(device.answer) as port, pytest.raises(error) as told:
        await Sbi(trust, ports=[port]).capture(FINGER, 1)
    assert type(told.value) is error


async def test_sbi_looks_at_all_its_ports_and_is_not_held_up_by_what_else_listens(
    device: SbiDevice, trust: Path
) -> None:
    for port in reversed(PORTS):
        try:
            with (
                serving(lambda *_: (200, b"<html>")) as other,
                serving(device.answer, port),
            ):
                assert [found.id for found in await Sbi(trust, ports=[*PORTS, other]).discover()] == [f"{port}/1"]
                return
        except OSError:
            continue
    pytest.skip("no port of SBI's is free on this machine")


# --- SecuGen


async def test_secugen_over_tls_with_its_own_authority(
    authority: Authority, trust: Path, png: bytes, tmp_path: Path
) -> None:
    service = SecuGenService(bitmap_of(png))
    with serving(service.answer, tls=localhost_tls(authority, tmp_path)) as port:
        scanner = SecuGen(f"https://localhost:{port}", str(trust), licence="L")
        assert [each.make for each in await scanner.discover()] == ["SecuGen"]
        capture = await scanner.capture(FINGER, 7)
        with pytest.raises(ScannerAwayError):
            await SecuGen(f"https://localhost:{port}").capture(FINGER, 1)  # an authority that nobody named
    assert pixels(capture.image) == pixels(png)
    assert (capture.quality, capture.scale, capture.device.serial, capture.signed) == (82, "SecuGen", "H1", False)
    assert (service.asked[0]["Timeout"], service.asked[0]["licstr"]) == (["7000"], ["L"])


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"ErrorCode": 54}, CaptureTimeoutError),
        ({"ErrorCode": 55}, ScannerAwayError),
        ({"ErrorCode": 59}, CaptureRefusedError),
        ({"ErrorCode": 10004}, CaptureRefusedError),
        ({"ErrorCode": None}, AnswerUnreadableError),
        ({"ImageDPI": 250}, ResolutionError),
        ({"BMPBase64": "%%%"}, AnswerUnreadableError),
        ({"BMPBase64": "AAAA"}, AnswerUnreadableError),
    ],
)
async def test_secugen_says_what_is_wrong(png: bytes, told: dict[str, object], error: type[ScannerError]) -> None:
    with serving(SecuGenService(bitmap_of(png), told).answer) as port, pytest.raises(error):
        await SecuGen(f"http://127.0.0.1:{port}").capture(FINGER, 1)


async def test_services_that_break_off_or_are_not_there(png: bytes) -> None:
    service = SecuGenService(bitmap_of(png))
    with serving(service.answer, cut=True) as port, pytest.raises(ScannerAwayError, match="broke off"):
        await SecuGen(f"http://127.0.0.1:{port}").capture(FINGER, 1)
    gone = SecuGen(f"http://127.0.0.1:{port}")
    assert await gone.discover() == []
    with pytest.raises(ScannerAwayError, match="does not answer"):
        await gone.capture(FINGER, 1)


# --- RD Service


async def test_an_rd_service_is_found_and_says_that_its_prints_are_sealed() -> None:
    with serving(rd_answer(RD_SEALED)) as port:
        scanner = RdService([port])
        (found,) = await scanner.discover()
        told = await scanner.info(found.id)
        assert (told.make, told.model, told.serial) == ("TEST.MAKER", "T-2", "D-1")
        with pytest.raises(CaptureSealedError, match="UIDAI"):
            await scanner.capture(FINGER, 1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b'<PidData><Resp errCode="700" errInfo="Capture timed out"/></PidData>', CaptureTimeoutError),
        (b'<PidData><Resp errCode="720" errInfo="Device not ready"/></PidData>', CaptureRefusedError),
        (b'<PidData><Resp errCode="0"/></PidData>', AnswerUnreadableError),
        (b"<PidData><Resp", AnswerUnreadableError),
        (b"<Other/>", AnswerUnreadableError),
        (b'<!DOCTYPE p [<!ENTITY a "b">]><PidData>&a;</PidData>', AnswerUnreadableError),
        (b"<PidData>" + b"<a>" * 50, AnswerUnreadableError),
        (b"<PidData>" + b"<a/>" * 500 + b"</PidData>", AnswerUnreadableError),
    ],
)
async def test_an_rd_service_that_answers_badly(answer: bytes, error: type[ScannerError]) -> None:
    with serving(rd_answer(answer)) as port, pytest.raises(error):
        await RdService([port]).capture(FINGER, 1)


# --- libfprint


@pytest.fixture
def virtual_image(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    code = "import gi; gi.require_version('FPrint', '2.0'); from gi.repository import FPrint; FPrint.Context"
    done = subprocess.run(["/usr/bin/python3", "-I", "-c", code], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("libfprint is not there for the system's Python (Debian: gir1.2-fprint-2.0, python3-gi)")
    path = Path(f"/tmp/fp-{os.getpid()}.sock")  # a socket's path is short
    monkeypatch.setenv("FP_VIRTUAL_IMAGE", str(path))
    yield path
    path.unlink(missing_ok=True)


def place_finger(path: Path, png: bytes) -> threading.Thread:
    """What the finger does to the library's virtual device: its socket, width and height, the grey pixels."""
    with Image.open(io.BytesIO(png)) as image:
        octets = struct.pack("=ii", *image.size) + image.tobytes()

    def send() -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket(socket.AF_UNIX) as line:
                try:
                    line.connect(str(path))
                except OSError:
                    time.sleep(0.02)
                    continue
                line.sendall(octets)
                line.recv(1)  # until the device is closed
                return

    thread = threading.Thread(target=send)
    thread.start()
    return thread


async def test_libfprint_itself_gives_the_image(virtual_image: Path, png: bytes) -> None:
    scanner = Libfprint(dpi=500)  # the virtual device's driver does not say it
    (found,) = await scanner.discover()
    assert found.make == "virtual_image"
    finger = place_finger(virtual_image, png)
    capture = await scanner.capture(FINGER, 15)
    finger.join()
    with Image.open(io.BytesIO(png)) as sent:
        assert pixels(capture.image) == (sent.tobytes(), 500)
    with pytest.raises(CaptureTimeoutError):
        await scanner.capture(FINGER, 1)


async def test_a_python_without_the_library_is_told() -> None:
    with pytest.raises(ScannerAwayError, match="not installed"):
        await Libfprint(sys.executable).discover()


# --- folder, simulator, plug-ins


async def test_a_folder_takes_what_comes_and_nothing_older(tmp_path: Path, png: bytes) -> None:
    (tmp_path / "old.png").write_bytes(png)

    def drop() -> None:
        with (tmp_path / "new.png").open("wb") as file:
            file.write(png[:1000])
            file.flush()
            time.sleep(0.1)
            file.write(png[1000:])

    scanner = Folder(tmp_path)
    with pytest.raises(CaptureTimeoutError):
        await scanner.capture(FINGER, 0.4)
    tool = threading.Timer(0.2, drop)
    tool.start()
    capture = await scanner.capture(FINGER, 5)
    tool.join()
    assert pixels(capture.image) == pixels(png)
    assert names_in(tmp_path) == ["old.png"]


def test_only_500_dpi(png: bytes) -> None:
    def at(dpi: int | None, form: str = "PNG") -> bytes:
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(png)) as image:
            image.info.pop("dpi")
            image.save(buffer, form, **({"dpi": (dpi, dpi)} if dpi else {}))
        return buffer.getvalue()

    assert print_file(at(500, "BMP"), None)[1] == "image/png"
    assert print_file(at(None), 500)[1] == "image/png"
    assert print_file(b"\xff\xa0wsq", None) == (b"\xff\xa0wsq", WSQ)
    for image, stated in ((at(None), None), (at(1000), None), (at(500), 300)):
        with pytest.raises(ResolutionError):
            print_file(image, stated)
    for damaged in (b"", b"GIF89a", at(500)[:300]):
        with pytest.raises(AnswerUnreadableError):
            print_file(damaged, None)


PLUG_IN = '''
"""A scanner that somebody else's package brings: this is all that it takes."""
from services.desk.scanners.images import grey_file
from services.desk.scanners.scanner import Capture, Device


class Contactless:
    def __init__(self, level):
        self._level = level

    async def discover(self):
        return [Device("1", make="Somebody", model="Contactless")]

    async def info(self, device):
        return (await self.discover())[0]

    async def capture(self, finger, timeout_s):
        image = grey_file(bytes([self._level]) * (300 * 400), 300, 400, 500)
        return Capture(image, "image/png", (await self.discover())[0], quality=self._level)


def open_it(options):
    return Contactless(int(options["level"]))
'''


async def test_another_package_brings_a_scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contactless_scanner.py").write_text(PLUG_IN)
    told = tmp_path / "contactless_scanner-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: contactless-scanner\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(
        "[lindung.scanners]\ncontactless = contactless_scanner:open_it\nsbi = contactless_scanner:open_it\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert {"contactless", *OURS} <= set(adapter_names())
    capture = await open_scanner("contactless", {"level": "60"}).capture(FINGER, 1)
    assert (capture.quality, capture.device.make) == (60, "Somebody")
    with pytest.raises(ScannerUnknownError, match="trust"):
        open_scanner("sbi", {})  # ours: nobody takes its name
    for name, options in (("contactless", {"level": "high"}), ("unknown", {}), ("simulator", {}), ("folder", {})):
        with pytest.raises(ScannerUnknownError):
            open_scanner(name, options)
