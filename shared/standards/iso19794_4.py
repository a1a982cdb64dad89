"""Finger image records: ISO/IEC 19794-4 of 2005 and 2011, from which the images inside are taken.

Only what it takes to find the images, to know their resolution and to unpack raw pixels is read; device, quality and
certification are read over. The compressed images themselves are not looked into.

Source: ISO/IEC 19794-4:2005, clause 7, and ISO/IEC 19794-4:2011, clause 8. Written from memory of the tables and
checked, field by field, against public implementations (2005: JMRTD; 2011: MOSIP's bio-utils and a Pillow plug-in).
"""

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.standards.octets import Octets
from shared.standards.resolution import dots_per_inch

MAGIC: Final = b"FIR\x00"
MAX_IMAGES: Final = 64
"""Far more than fingers; bounds the work that a small record can cause."""

_VERSION_2005 = b"010\x00"
_VERSION_2011 = b"020\x00"
_GENERAL_2005 = struct.Struct(">2s2sBB2s2sHHBBH")
"""Device, acquisition level, count, units, scan rates (not needed), image rates, depth, compression, reserved."""
_FINGER_2005 = struct.Struct(">BBBBBHHB")
"""Position, views, view, quality, impression, width, height, reserved; the length goes before."""
_REPRESENTATION_2011 = struct.Struct(">BBB2s2sHHBBBHH")
"""Position, number, units, scan rates (not needed), image rates, depth, compression, impression, width, height."""
_PER_CM = 2


class FingerImageRecordError(ValueError):
    """Bytes that are no finger image record, or a damaged one. The message never tells what the image shows."""


class Compression(StrEnum):
    """How the pixels of an image are coded."""

    RAW = "RAW"
    RAW_PACKED = "RAW_PACKED"
    WSQ = "WSQ"
    JPEG = "JPEG"
    JPEG2000 = "JPEG2000"
    PNG = "PNG"


_CODES_2005: Final = (
    Compression.RAW,
    Compression.RAW_PACKED,
    Compression.WSQ,
    Compression.JPEG,
    Compression.JPEG2000,
    Compression.PNG,
)
_CODES_2011: Final = (*_CODES_2005[:4], Compression.JPEG2000, Compression.JPEG2000, Compression.PNG)
"""2011 tells JPEG 2000 with loss (4) from without (5)."""


@dataclass(frozen=True)
class FingerImageView:
    """One image of a record.

    Attributes:
        position: finger position code: 0 unknown, 1 right thumb .. 10 left little, 13 and more several fingers.
        dpi: pixels per inch; the same in both directions.
        width: pixels, as the record states it.
        height: pixels, as the record states it.
        bit_depth: of a grey pixel.
        compression: of `data`.
        data: the image as it is inside: width * height octets if RAW at 8 bits, else a file of its format.
    """

    position: int
    dpi: int
    width: int
    height: int
    bit_depth: int
    compression: Compression
    data: bytes


def is_finger_image_record(data: bytes) -> bool:
    """Whether the data start as a record of either edition."""
    return data[:4] == MAGIC and data[4:8] in {_VERSION_2005, _VERSION_2011}


def read_finger_image_record(data: bytes) -> tuple[FingerImageView, ...]:
    """All images of a record, at least one.

    Raises:
        FingerImageRecordError: another format or edition, damaged, or a value that no record can have.
    """
    octets = Octets(data, FingerImageRecordError)
    octets.expect(MAGIC, "format")
    version = octets.take(4, "header")
    if version == _VERSION_2005:
        return _read_2005(octets, len(data))
    if version == _VERSION_2011:
        return _read_2011(octets, len(data))
    raise FingerImageRecordError("the edition is another than 2005 and 2011")


def _read_2005(octets: Octets, length: int) -> tuple[FingerImageView, ...]:
    _require(octets.number(6, "header") == length, "the stated length is another")
    *_, count, units, _, _, across, down, depth, code, _ = _GENERAL_2005.unpack(
        octets.take(_GENERAL_2005.size, "header")
    )
    dpi, compression = _dpi(units, across, down), _compression(_CODES_2005, code)
    images = []
    for _ in range(_count(count)):
        block = octets.number(4, "finger header")
        _require(block >= 4, "a finger's stated length is too short")
        finger = octets.part(block - 4, "finger")
        position, _, _, _, _, width, height, _ = _FINGER_2005.unpack(finger.take(_FINGER_2005.size, "finger header"))
        inside = finger.take(finger.left, "image")
        images.append(_checked(FingerImageView(position, dpi, width, height, depth, compression, inside)))
    octets.finish("last image")
    return tuple(images)


def _read_2011(octets: Octets, length: int) -> tuple[FingerImageView, ...]:
    _require(octets.number(4, "header") == length, "the stated length is another")
    count, certified = octets.number(2, "header"), octets.number(1, "header")
    octets.take(1, "header")  # number of positions
    _require(certified <= 1, "the certification flag is neither 0 nor 1")
    images = tuple(_read_representation(octets, certified=certified == 1) for _ in range(_count(count)))
    octets.finish("last representation")
    return images


def _read_representation(record: Octets, *, certified: bool) -> FingerImageView:
    length = record.number(4, "representation header")
    _require(length >= 4, "a representation's stated length is too short")
    octets = record.part(length - 4, "representation")
    octets.take(14, "representation header")  # date and time, device technology, vendor and type
    octets.take(5 * octets.number(1, "quality blocks"), "quality blocks")
    if certified:
        octets.take(3 * octets.number(1, "certification"), "certification")
    position, _, units, _, _, across, down, depth, code, _, width, height = _REPRESENTATION_2011.unpack(
        octets.take(_REPRESENTATION_2011.size, "representation header")
    )
    inside = octets.take(octets.number(4, "image length"), "image")  # extended data may follow: not needed
    compression = _compression(_CODES_2011, code)
    return _checked(FingerImageView(position, _dpi(units, across, down), width, height, depth, compression, inside))


def _count(count: int) -> int:
    _require(1 <= count <= MAX_IMAGES, f"the number of images is not in 1..{MAX_IMAGES}")
    return count


def _dpi(units: int, across: int, down: int) -> int:
    _require(units in {1, _PER_CM}, "the scale units are neither inches nor centimetres")
    _require(across > 0 and across == down, "the resolutions differ or are zero")
    return dots_per_inch(across) if units == _PER_CM else across


def _compression(codes: tuple[Compression, ...], code: int) -> Compression:
    _require(code < len(codes), "the compression code is reserved")
    return codes[code]


def _checked(image: FingerImageView) -> FingerImageView:
    _require(image.width > 0 and image.height > 0, "an image has no size")
    _require(1 <= image.bit_depth <= 16, "the bit depth is not in 1..16")
    raw = image.compression is Compression.RAW and image.bit_depth == 8
    _require(not raw or len(image.data) == image.width * image.height, "raw pixels of another number than stated")
    return image


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise FingerImageRecordError(otherwise)
