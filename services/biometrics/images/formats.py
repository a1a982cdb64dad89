"""Which image format the bytes are, by their own first bytes; a declared type is never trusted."""

from dataclasses import dataclass

from services.biometrics.images.limits import ImageRefusedError, Refusal


@dataclass(frozen=True)
class Format:
    """One format we read.

    Attributes:
        pillow: Pillow's name for its decoder.
        media_type: as registered with IANA (image/x-wsq is customary, not registered).
        marks: alternatives of (offset, bytes) pairs, all of which must be there.
    """

    pillow: str
    media_type: str
    marks: tuple[tuple[tuple[int, bytes], ...], ...]

    def matches(self, data: bytes) -> bool:
        """Whether the data starts as this format does."""
        return any(all(data.startswith(text, at) for at, text in marks) for marks in self.marks)


JPEG = Format("JPEG", "image/jpeg", (((0, b"\xff\xd8\xff"),),))
PNG = Format("PNG", "image/png", (((0, b"\x89PNG\r\n\x1a\n"),),))
JPEG2000 = Format(
    "JPEG2000",
    "image/jp2",
    (((0, b"\x00\x00\x00\x0cjP  \r\n\x87\n"),), ((0, b"\xff\x4f\xff\x51"),)),
)
WEBP = Format("WEBP", "image/webp", (((0, b"RIFF"), (8, b"WEBPVP8")),))
BMP = Format("BMP", "image/bmp", (((0, b"BM"),),))
TIFF = Format("TIFF", "image/tiff", (((0, b"II*\x00"),), ((0, b"MM\x00*"),)))
WSQ = Format("WSQ", "image/x-wsq", (((0, b"\xff\xa0\xff"),),))

PHOTO_FORMATS = (JPEG, PNG, JPEG2000, WEBP, BMP)
PRINT_FORMATS = (WSQ, PNG, BMP, JPEG2000, TIFF, JPEG)


def sniff(data: bytes, allowed: tuple[Format, ...]) -> Format:
    """The allowed format that the data starts as.

    Raises:
        ImageRefusedError: UNKNOWN_FORMAT, none of them.
    """
    for candidate in allowed:
        if candidate.matches(data):
            return candidate
    names = ", ".join(candidate.pillow for candidate in allowed)
    raise ImageRefusedError(Refusal.UNKNOWN_FORMAT, f"not one of {names}")


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP file's canvas.

    Pillow allocates the whole canvas when it opens the file, so the size has to be known before that.

    Raises:
        ImageRefusedError: DAMAGED, the header is cut short.
    Source: RFC 9649, sections 2.5 to 2.7.
    """
    head = data[12:30]
    if len(head) < 18:
        raise ImageRefusedError(Refusal.DAMAGED, "the header is cut short")
    if head[:4] == b"VP8X":
        return 1 + int.from_bytes(head[12:15], "little"), 1 + int.from_bytes(head[15:18], "little")
    if head[:4] == b"VP8L":
        bits = int.from_bytes(head[9:13], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = int.from_bytes(head[14:16], "little"), int.from_bytes(head[16:18], "little")
    return width & 0x3FFF, height & 0x3FFF
