"""How much an image from outside may ask of us, and the refusal when it asks more."""

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Why an image was not taken."""

    TOO_MANY_BYTES = "TOO_MANY_BYTES"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS"
    TOO_MANY_SCANS = "TOO_MANY_SCANS"
    TOO_SMALL = "TOO_SMALL"
    UNKNOWN_FORMAT = "UNKNOWN_FORMAT"
    SEVERAL_FRAMES = "SEVERAL_FRAMES"
    UNSUPPORTED_PIXELS = "UNSUPPORTED_PIXELS"
    IMPLAUSIBLE_RESOLUTION = "IMPLAUSIBLE_RESOLUTION"
    DAMAGED = "DAMAGED"


class ImageRefusedError(ValueError):
    """The bytes are not an image that we take.

    Attributes:
        reason: a closed list, for programs.
        detail: a sentence without image content, for people.
    """

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Limits:
    """What an image may be at most, and at least.

    Attributes:
        file_bytes: length of the file.
        pixels: width times height, as the header says, before anything is decoded.
        longest_px: photos are scaled down until the longer side is this at most; None keeps the size.
        shortest_px: the shorter side, after scaling down, must be this at least.
        scans: a progressive JPEG is decoded once per scan, so that a small file could keep a core busy.
    """

    file_bytes: int
    pixels: int
    longest_px: int | None
    shortest_px: int
    scans: int = 100

    def check_bytes(self, data: bytes) -> None:
        """Refuse a file that is too long."""
        if len(data) > self.file_bytes:
            raise ImageRefusedError(Refusal.TOO_MANY_BYTES, f"over {self.file_bytes} bytes")

    def check_size(self, width: int, height: int) -> None:
        """Refuse a picture that is too large to decode, or too small to hold a face or a finger."""
        if width * height > self.pixels:
            raise ImageRefusedError(Refusal.TOO_MANY_PIXELS, f"over {self.pixels} pixels")
        scale = min(1.0, self.longest_px / max(width, height, 1)) if self.longest_px else 1.0
        if min(width, height) * scale < self.shortest_px:
            raise ImageRefusedError(Refusal.TOO_SMALL, f"a side is under {self.shortest_px} pixels")


PHOTO_LIMITS = Limits(file_bytes=20 * 2**20, pixels=52_000_000, longest_px=1600, shortest_px=64)
"""A telephone's 50-megapixel photo passes."""

PRINT_LIMITS = Limits(file_bytes=8 * 2**20, pixels=4_000_000, longest_px=None, shortest_px=64)
"""A four-finger slap at 500 dpi (1600x1500) and a single finger at 1000 dpi pass."""
