"""Face image records: ISO/IEC 19794-5 of 2005 and 2011, from which the images inside are taken.

Only what it takes to find the images is read; what a record says of the person (sex, colour of eyes and hair, height,
expression, pose) is read over and never kept. The images themselves are not looked into.

Source: ISO/IEC 19794-5:2005, clause 5, and ISO/IEC 19794-5:2011, clause 5. Written from memory of the tables and
checked, field by field, against public implementations (2005: JMRTD; 2011: MOSIP's bio-utils). Not confirmed by either
of them: what follows the general header where the certification flag is set (such records are refused), and how far
three-dimensional data after an image go (they are read over up to the representation's stated end).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.standards.octets import Octets

MAGIC: Final = b"FAC\x00"
MAX_IMAGES: Final = 16
"""Bounds the work that a small record can cause."""

_VERSION_2005 = b"010\x00"
_VERSION_2011 = b"030\x00"
_FACIAL_INFORMATION_2005 = 14
"""After its length and the number of points: sex, eyes, hair, properties (3), expression (2), pose (3) and its
uncertainty (3).
"""
_FACIAL_INFORMATION_2011 = 15
"""After the number of points: as in 2005, and the subject's height."""
_POINT = 8


class FaceImageRecordError(ValueError):
    """Bytes that are no face image record, or a damaged one. The message never tells what the image shows."""


class FaceCompression(StrEnum):
    """How an image is coded."""

    JPEG = "JPEG"
    JPEG2000 = "JPEG2000"
    PNG = "PNG"


_CODES_2005: Final = (FaceCompression.JPEG, FaceCompression.JPEG2000)
_CODES_2011: Final = (*_CODES_2005, FaceCompression.JPEG2000, FaceCompression.PNG)
"""2011 tells JPEG 2000 with loss (1) from without (2)."""


@dataclass(frozen=True)
class FaceImageView:
    """One image of a record.

    Attributes:
        width: pixels, as the record states it; 0 where it does not say.
        height: pixels, likewise.
        compression: of `data`, as the record states it.
        data: the image file inside.
    """

    width: int
    height: int
    compression: FaceCompression
    data: bytes


def is_face_image_record(data: bytes) -> bool:
    """Whether the data start as a record of either edition."""
    return data[:4] == MAGIC and data[4:8] in {_VERSION_2005, _VERSION_2011}


def read_face_image_record(data: bytes) -> tuple[FaceImageView, ...]:
    """All images of a record, at least one.

    Raises:
        FaceImageRecordError: another format or edition, damaged, or a value that no record can have.
    """
    octets = Octets(data, FaceImageRecordError)
    octets.expect(MAGIC, "format")
    version = octets.take(4, "header")
    _require(version in {_VERSION_2005, _VERSION_2011}, "the edition is another than 2005 and 2011")
    _require(octets.number(4, "header") == len(data), "the stated length is another")
    count = octets.number(2, "header")
    _require(1 <= count <= MAX_IMAGES, f"the number of images is not in 1..{MAX_IMAGES}")
    if version == _VERSION_2005:
        images = tuple(_read_2005(octets) for _ in range(count))
    else:
        _require(octets.number(1, "header") == 0, "certification blocks are not read")
        octets.take(2, "header")  # whether the images belong together in time
        images = tuple(_read_2011(octets) for _ in range(count))
    octets.finish("last image")
    return images


def _read_2005(record: Octets) -> FaceImageView:
    octets = _block(record)
    points = octets.number(2, "facial information")
    octets.take(_FACIAL_INFORMATION_2005, "facial information")
    octets.take(_POINT * points, "feature points")
    octets.take(1, "image information")  # type of the image
    code = octets.number(1, "image information")
    width, height = octets.number(2, "image information"), octets.number(2, "image information")
    octets.take(6, "image information")  # colour space, source, device (2), quality (2)
    return _view(_CODES_2005, code, width, height, octets.take(octets.left, "image"))


def _read_2011(record: Octets) -> FaceImageView:
    octets = _block(record)
    octets.take(14, "representation header")  # date and time, device technology, vendor and type
    octets.take(5 * octets.number(1, "quality blocks"), "quality blocks")
    points = octets.number(2, "facial information")
    octets.take(_FACIAL_INFORMATION_2011, "facial information")
    octets.take(_POINT * points, "landmark points")
    octets.take(1, "image information")  # type of the image
    code = octets.number(1, "image information")
    width, height = octets.number(2, "image information"), octets.number(2, "image information")
    octets.take(5, "image information")  # sampling rate, processing (2), cross reference, colour space
    return _view(_CODES_2011, code, width, height, octets.take(octets.number(4, "image length"), "image"))


def _block(record: Octets) -> Octets:
    length = record.number(4, "image header")
    _require(length >= 4, "an image's stated length is too short")
    return record.part(length - 4, "image block")


def _view(codes: tuple[FaceCompression, ...], code: int, width: int, height: int, data: bytes) -> FaceImageView:
    _require(code < len(codes), "the compression code is reserved")
    _require(bool(data), "an image is empty")
    return FaceImageView(width, height, codes[code], data)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise FaceImageRecordError(otherwise)
