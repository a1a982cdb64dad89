"""A folder that a vendor's own tool drops images into: for scanners that have nothing but such a tool."""

import asyncio
import time
from pathlib import Path
from typing import Final

from services.desk.scanners.images import print_file
from services.desk.scanners.scanner import (
    AnswerUnreadableError,
    Capture,
    CaptureTimeoutError,
    Device,
    Options,
    ScannerAwayError,
    ScannerUnknownError,
)
from shared.contracts.registrations import FingerPosition

_LOOK_S: Final = 0.15
_ENDINGS: Final = frozenset({".png", ".bmp", ".tif", ".tiff", ".jpg", ".jpeg", ".jp2", ".wsq"})
_MAX_OCTETS: Final = 8_000_000

_Stamp = tuple[int, int]


class Folder:
    """One folder. What was in it before a capture is never taken: it may be another worker's.

    An image is taken when it stops changing, and its file is removed: best a folder in memory (tmpfs).

    Args:
        path: the folder.
        dpi: resolution of the images where their files do not say it.
    """

    def __init__(self, path: Path, dpi: float | None = None) -> None:
        self._path = path
        self._dpi = dpi

    async def discover(self) -> list[Device]:
        """The folder, when it is there."""
        return [Device("folder", model="watched folder")] if self._path.is_dir() else []

    async def info(self, device: str) -> Device:
        """The folder."""
        if not self._path.is_dir():
            raise ScannerAwayError("the watched folder is not there")
        return Device(device, model="watched folder")

    async def capture(self, finger: FingerPosition, timeout_s: float) -> Capture:  # noqa: ARG002  the tool is not told
        """The first image that comes, or that is written anew."""
        device = await self.info("folder")
        before = self._look()
        last: dict[Path, _Stamp] = {}
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_S)
            now = self._look()
            for path, stamp in now.items():
                if before.get(path) != stamp and last.get(path) == stamp and stamp[1]:
                    image, media_type = await asyncio.to_thread(self._take, path)
                    return Capture(image, media_type, device)
            last = now
        raise CaptureTimeoutError("no image came into the watched folder in time")

    def _look(self) -> dict[Path, _Stamp]:
        found = {}
        for path in self._path.iterdir():
            if path.suffix.lower() in _ENDINGS and path.is_file() and not path.is_symlink():
                status = path.stat()
                found[path] = (status.st_mtime_ns, status.st_size)
        return found

    def _take(self, path: Path) -> tuple[bytes, str]:
        try:
            if path.stat().st_size > _MAX_OCTETS:
                raise AnswerUnreadableError("the image in the watched folder is larger than any print")
            return print_file(path.read_bytes(), self._dpi)
        finally:
            path.unlink(missing_ok=True)


def open_folder(options: Options) -> Folder:
    """The adapter for `[scanners.folder]`: `path`, `dpi`.

    Raises:
        ScannerUnknownError: no path.
    """
    if "path" not in options:
        raise ScannerUnknownError("folder: `path` must name the folder that the tool writes into")
    return Folder(Path(options["path"]), options.get("dpi"))
