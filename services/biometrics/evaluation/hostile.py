"""Malformed, truncated and hostile images and templates, made from good ones: the same for the same seed.

What a decoder is attacked with: cut and altered files of every format, sizes that a header only claims, compressed data
that unpack to far more, formats in the dress of another, records whose lengths and counts do not fit. Nothing here is
taken from elsewhere, and nothing of it is an exploit: files that ask for too much, or are wrong.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

_HUGE: Final = 60_000
"""Pixels a side that a bomb claims: 3.6 thousand million in all."""
_MILLION: Final = 1_000_000


@dataclass(frozen=True)
class Sample:
    """A good image or template.

    Attributes:
        name: of its format, such as png or iso-19794-2.
        data: the file.
        is_face: of a face; else of a finger.
        template_format: of a template; None of an image.
    """

    name: str
    data: bytes
    is_face: bool = False
    template_format: str | None = None


@dataclass(frozen=True)
class Hostile:
    """One attack: what was done to which sample."""

    kind: str
    sample: Sample


def hostile(samples: Sequence[Sample], count: int, seed: int = 1) -> Iterator[Hostile]:
    """So many attacks; kinds and samples in turn, what is altered by chance.

    Args:
        samples: good ones, of every format that is taken.
        count: how many.
        seed: of the alterations.
    """
    rng = random.Random(seed)  # noqa: S311  attacks that can be made again
    fixed = [Hostile(kind, sample) for kind, sample in _bombs(samples)]
    period = len(_ALTERATIONS) + 1
    for turn in range(count):
        around, place = divmod(turn, period)
        if place == len(_ALTERATIONS):  # a tenth are bombs and disguises
            yield fixed[around % len(fixed)]
        else:
            kind, alter = _ALTERATIONS[place]
            sample = samples[around % len(samples)]
            yield Hostile(f"{kind} {sample.name}", _with(sample, alter(sample.data, rng)))


def _with(sample: Sample, data: bytes, name: str | None = None) -> Sample:
    return Sample(name or sample.name, data, sample.is_face, sample.template_format)


def _truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _flipped(data: bytes, rng: random.Random) -> bytes:
    altered = bytearray(data)
    for _ in range(rng.choice((1, 3, 10, 100))):
        altered[rng.randrange(len(altered))] ^= 1 << rng.randrange(8)
    return bytes(altered)


def _header_altered(data: bytes, rng: random.Random) -> bytes:
    """Bytes after the format's mark: sizes, counts, lengths."""
    altered = bytearray(data)
    for _ in range(rng.choice((1, 2, 4))):
        at = rng.randrange(min(8, len(altered) - 1), min(96, len(altered)))
        altered[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    return bytes(altered)


def _length_altered(data: bytes, rng: random.Random) -> bytes:
    """A number of two or four bytes somewhere becomes the most, the least, or off by one."""
    form = rng.choice((">H", "<H", ">I", "<I"))
    size = struct.calcsize(form)
    at = rng.randrange(max(min(len(data), 400) - size, 1))
    (value,) = struct.unpack(form, data[at : at + size].ljust(size, b"\0"))
    most = 256**size - 1
    number = rng.choice((0, 1, most, most // 2, (value + 1) & most, (value - 1) & most))
    return data[:at] + struct.pack(form, number) + data[at + size :]


def _piece_removed(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randrange(1, 64) :]


def _piece_repeated(data: bytes, rng: random.Random) -> bytes:
    at, length = rng.randrange(len(data)), rng.randrange(1, 512)
    return data[:at] + data[at : at + length] * rng.randrange(2, 20) + data[at:]


def _overwritten(data: bytes, rng: random.Random) -> bytes:
    at, length = rng.randrange(len(data)), rng.randrange(1, 400)
    return data[:at] + rng.randbytes(length) + data[at + length :]


def _noise_with_the_mark(data: bytes, rng: random.Random) -> bytes:
    return data[:12] + rng.randbytes(rng.randrange(1, 5_000))


def _extended(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) // 2, len(data))] + bytes(rng.randrange(1, 100_000))


_ALTERATIONS: Final[tuple[tuple[str, Callable[[bytes, random.Random], bytes]], ...]] = (
    ("truncated", _truncated),
    ("header altered", _header_altered),
    ("bits flipped", _flipped),
    ("length altered", _length_altered),
    ("piece removed", _piece_removed),
    ("piece repeated", _piece_repeated),
    ("overwritten", _overwritten),
    ("noise after the mark of", _noise_with_the_mark),
    ("zeros after half of", _extended),
)


def _bombs(samples: Sequence[Sample]) -> list[tuple[str, Sample]]:
    """Each for a photo and for a print, as far as it can be one."""
    images = {sample.name: sample.data for sample in samples if sample.template_format is None}
    templates = [sample for sample in samples if sample.template_format]
    found = [(kind, Sample(kind, data, is_face)) for kind, data in _image_bombs(images) for is_face in (False, True)]
    found += [(f"{kind} {each.name}", _with(each, data)) for each in templates for kind, data in _template_bombs(each)]
    return found


def _image_bombs(images: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    png = images["png"]
    return [
        ("bomb: png of 60,000 a side", _png(_HUGE, _HUGE, zlib.compress(bytes(20 * _MILLION), 9))),
        ("bomb: png that unpacks to 40 MB", _png(200, 200, zlib.compress(bytes(40 * _MILLION), 9))),
        (
            "bomb: png text that unpacks to 60 MB",
            _png_with(png, b"zTXt", b"a\0\0" + zlib.compress(bytes(60 * _MILLION))),
        ),
        (
            "bomb: png profile that unpacks to 60 MB",
            _png_with(png, b"iCCP", b"a\0\0" + zlib.compress(bytes(60 * _MILLION))),
        ),
        ("bomb: png of 2^31 - 1 by 1", _png(2**31 - 1, 1, zlib.compress(bytes(1000)))),
        ("bomb: png with 20,000 chunks", _png_with(png, b"tEXt", b"a\0b", times=20_000)),
        ("bomb: bmp of 60,000 a side", _bmp(_HUGE, _HUGE, 8, 0)),
        ("bomb: bmp run-length of 60,000 a side", _bmp(_HUGE, _HUGE, 8, 1, b"\xff\x00" * 4_000)),
        ("bomb: bmp of negative height", _bmp(200, -(2**31) + 1, 24, 0)),
        ("bomb: jpeg of 65,500 a side", _jpeg_sized(images["jpeg"], 65_500)),
        ("bomb: jpeg with 5,000 scans", _jpeg_scans(images["jpeg"], 5_000)),
        ("bomb: jpeg 2000 of 60,000 a side", _jp2_sized(images["jp2"], _HUGE)),
        ("bomb: jpeg 2000 of 1 x 1 tiles", _jp2_sized(images["jp2"], 7_000, tile=1)),
        ("bomb: wsq of 65,535 a side", _wsq_sized(images["wsq"], 65_535)),
        ("bomb: wsq of 1,990 a side", _wsq_sized(images["wsq"], 1_990)),
        ("bomb: tiff of 60,000 a side", _tiff(_HUGE)),
        ("bomb: webp canvas of 16,384 a side", _webp_sized(2**14)),
        ("bomb: finger image record of 65,535 a side", _record(b"", 65_535, 65_535)),
        (
            "bomb: png of 60,000 a side in a record",
            _record(_png(_HUGE, _HUGE, zlib.compress(bytes(_MILLION))), 200, 200, 5),
        ),
        ("bomb: record in a record", _record(_record(bytes(40_000), 200, 200), 200, 200, 5)),
        ("disguise: gif", _saved("GIF")),
        ("disguise: icon", _saved("ICO")),
        ("disguise: animated png", _animated()),
        ("disguise: tiff that says it is a jpeg", b"\xff\xd8\xff" + _saved("TIFF")[3:]),
        ("disguise: png that says it is a bmp", b"BM" + png[2:]),
        ("disguise: zip", b"PK\x03\x04" + bytes(200)),
        ("disguise: svg", b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"),
        ("disguise: postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 60000 60000\n%%EndComments\nshowpage\n"),
        ("disguise: pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>"),
        ("disguise: text", b"not an image at all"),
        ("one pixel", _saved("PNG", (1, 1))),
        ("very long and thin", _saved("PNG", (65_000, 1))),
        ("one byte", b"\xff"),
        ("nothing but zeros", bytes(100_000)),
    ]


def _template_bombs(sample: Sample) -> list[tuple[str, bytes]]:
    return [
        ("bomb: 255 views in", sample.data[:22] + b"\xff" + sample.data[23:]),
        ("all ones after the mark of", sample.data[:8] + b"\xff" * (len(sample.data) - 8)),
        ("all zeros after the mark of", sample.data[:8] + bytes(len(sample.data) - 8)),
        ("a megabyte after", sample.data + bytes(_MILLION)),
        ("an image as", _saved("PNG")),
        ("only the mark of", sample.data[:8]),
    ]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(width: int, height: int, compressed: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", compressed) + _chunk(b"IEND", b"")


def _png_with(png: bytes, name: bytes, data: bytes, times: int = 1) -> bytes:
    head = 8 + 25
    return png[:head] + _chunk(name, data) * times + png[head:]


def _bmp(width: int, height: int, depth: int, compression: int, pixels: bytes = bytes(1000)) -> bytes:
    palette = bytes(1024) if depth == 8 else b""
    at = 14 + 40 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, depth, compression, 0, 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", at + len(pixels), 0, 0, at) + info + palette + pixels


def _jpeg_sized(jpeg: bytes, side: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", side, side) + jpeg[at + 4 :]


def _jpeg_scans(jpeg: bytes, scans: int) -> bytes:
    at = jpeg.index(b"\xff\xda")
    scan = jpeg[at:-2][:200]
    return jpeg[:-2] + scan * scans + jpeg[-2:]


def _jp2_sized(jp2: bytes, side: int, tile: int | None = None) -> bytes:
    at = jp2.index(b"\xff\x51") + 6
    sizes = struct.pack(">IIIIIIII", side, side, 0, 0, tile or side, tile or side, 0, 0)
    return jp2[:at] + sizes + jp2[at + 32 :]


def _wsq_sized(wsq: bytes, side: int) -> bytes:
    at = wsq.index(b"\xff\xa2") + 6
    return wsq[:at] + struct.pack(">HH", side, side) + wsq[at + 4 :]


def _tiff(side: int) -> bytes:
    tags = ((256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, side), (279, side))
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + bytes(4)


def _webp_sized(side: int) -> bytes:
    canvas = (side - 1).to_bytes(3, "little") * 2
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas + b"VP8L" + struct.pack("<I", 8) + b"\x2f" + bytes(7)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _record(data: bytes, width: int, height: int, compression: int = 0) -> bytes:
    """A finger image record of ISO/IEC 19794-4:2005; compression 0 is raw, 5 PNG."""
    finger = struct.pack(">BBBBBHHB", 2, 1, 1, 0, 0, width, height, 0) + data
    block = struct.pack(">I", len(finger) + 4) + finger
    general = struct.pack(">2s2sBB2s2sHHBBH", b"", b"\0\x1f", 1, 2, b"\0\xc5", b"\0\xc5", 197, 197, 8, compression, 0)
    return b"FIR\x00010\x00" + (8 + 6 + len(general) + len(block)).to_bytes(6, "big") + general + block


def _saved(kind: str, size: tuple[int, int] = (160, 160)) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, 200).save(out, kind)
    return out.getvalue()


def _animated() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("L", (160, 160), shade) for shade in (0, 120, 250)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()
