"""libfprint: the open drivers of Linux, in a process of their own.

The library is reached through GObject introspection with the system's Python (Debian: python3-gi, gir1.2-fprint-2.0).
A process of its own keeps drivers in C out of the desk, and can be ended when a device hangs. It answers one line of
JSON, and after it the grey pixels.
"""

import asyncio
import contextlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from services.desk.scanners.images import PNG, grey_file
from services.desk.scanners.scanner import (
    AnswerUnreadableError,
    Capture,
    CaptureRefusedError,
    CaptureTimeoutError,
    Device,
    Options,
    ResolutionError,
    ScannerAwayError,
    ScannerUnknownError,
)
from shared.contracts.registrations import FingerPosition

_ASK_S: Final = 15.0
_PER_INCH: Final = 25.4


class Libfprint:
    """The scanners that libfprint has a driver for.

    Args:
        python: an interpreter that has `gi`.
        dpi: the device's resolution, where its driver does not say it.
    """

    def __init__(self, python: str = "/usr/bin/python3", dpi: float | None = None) -> None:
        if not Path(python).is_file():
            raise ScannerUnknownError(f"libfprint: there is no {python}")
        self._python = python
        self._dpi = dpi

    async def discover(self) -> list[Device]:
        """Devices that can give an image; those that compare inside themselves cannot."""
        told, _ = await self._run(_ASK_S, "list")
        return [Device(each["id"], each["driver"], each["name"], note=each["note"]) for each in told["devices"]]

    async def info(self, device: str) -> Device:
        """One of the discovered."""
        for each in await self.discover():
            if each.id == device:
                return each
        raise ScannerAwayError("the scanner is not connected any more")

    async def capture(self, finger: FingerPosition, timeout_s: float) -> Capture:  # noqa: ARG002  it has no word for it
        """One image; libfprint has looked for minutiae in it already."""
        told, pixels = await self._run(timeout_s, "capture")
        device = Device(told["id"], told["driver"], told["name"])
        dpi = float(told["ppmm"]) * _PER_INCH or self._dpi
        if dpi is None:
            raise ResolutionError("the scanner's driver does not say its resolution: set `dpi` for libfprint")
        return Capture(grey_file(pixels, int(told["width"]), int(told["height"]), dpi), PNG, device)

    async def _run(self, timeout_s: float, word: str) -> tuple[dict[str, Any], bytes]:
        with files("services.desk.scanners").joinpath("libfprint_child.py").open() as script:
            path = script.name
        process = await asyncio.create_subprocess_exec(
            self._python, "-I", path, word,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            out, _ = await asyncio.wait_for(process.communicate(), timeout_s)
        except TimeoutError as error:
            raise CaptureTimeoutError("no finger came in time") from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return _read(out)


def open_libfprint(options: Options) -> Libfprint:
    """The adapter for `[scanners.libfprint]`: `python`, `dpi`."""
    return Libfprint(**options)


def _read(out: bytes) -> tuple[dict[str, Any], bytes]:
    line, _, pixels = out.partition(b"\n")
    try:
        told = json.loads(line)
    except ValueError as error:
        raise AnswerUnreadableError("libfprint's process ended in the middle of its answer") from error
    trouble = told.get("trouble")
    if trouble == "no-library":
        raise ScannerAwayError("libfprint is not installed for the system's Python (python3-gi, gir1.2-fprint-2.0)")
    if trouble == "no-device":
        raise ScannerAwayError("no scanner that libfprint knows is plugged in")
    if trouble:
        raise CaptureRefusedError(f"libfprint says: {str(trouble)[:120]}")
    return told, pixels
