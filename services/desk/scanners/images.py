"""A device's image, whatever its form, as a file that the gateway takes; only at 500 dpi."""

import io
from typing import Final

from PIL import Image, UnidentifiedImageError

from services.desk.scanners.scanner import DPI, AnswerUnreadableError, ResolutionError
from shared.standards.iso19794_4 import (
    Compression,
    FingerImageRecordError,
    is_finger_image_record,
    read_finger_image_record,
)

PNG: Final = "image/png"
WSQ: Final = "image/x-wsq"

_WSQ_START: Final = b"\xff\xa0"
_FORMATS: Final = ("PNG", "BMP", "TIFF", "JPEG", "JPEG2000")
_TOLERANCE: Final = 0.02
_SIDES: Final = range(100, 2001)
"""Pixels: from a small touch sensor to four fingers at once."""


def print_file(data: bytes, stated_dpi: float | None) -> tuple[bytes, str]:
    """The print as a file, and its media type.

    WSQ is handed on unopened (its decoder is not run on the desk, decision 11); everything else becomes PNG.

    Args:
        data: ISO/IEC 19794-4 record, PNG, BMP, TIFF, JPEG, JPEG 2000 or WSQ.
        stated_dpi: what the device says; none: what the file says.

    Raises:
        ResolutionError: not 500 dpi, or nobody says.
        AnswerUnreadableError: no such image, or of impossible size.
    """
    if is_finger_image_record(data):
        return _from_record(data)
    if data[:2] == _WSQ_START:
        _check_dpi(stated_dpi or DPI)  # the format is for 500 dpi (FBI, IAFIS-IC-0110)
        return data, WSQ
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check_size(*image.size)
            _check_dpi(stated_dpi or _own_dpi(image))
            return _png(image), PNG
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise AnswerUnreadableError("what the scanner gave is no image that can be read") from error


def grey_file(pixels: bytes, width: int, height: int, dpi: float) -> bytes:
    """Raw grey pixels as a PNG.

    Raises:
        ResolutionError: not 500 dpi.
        AnswerUnreadableError: another number of pixels than stated.
    """
    _check_size(width, height)
    _check_dpi(dpi)
    if len(pixels) != width * height:
        raise AnswerUnreadableError("the scanner gave another number of pixels than it states")
    return _png(Image.frombytes("L", (width, height), pixels))


def _from_record(data: bytes) -> tuple[bytes, str]:
    try:
        views = read_finger_image_record(data)
    except FingerImageRecordError as error:
        raise AnswerUnreadableError(f"the finger image record is damaged: {error}") from error
    if len(views) != 1:
        raise AnswerUnreadableError(f"one finger was asked for, the record holds {len(views)} images")
    view = views[0]
    if view.compression is Compression.RAW and view.bit_depth == 8:
        return grey_file(view.data, view.width, view.height, view.dpi), PNG
    return print_file(view.data, view.dpi)


def _own_dpi(image: Image.Image) -> float:
    across, down = image.info.get("dpi", (0, 0))
    if not across or abs(across - down) > across * _TOLERANCE:
        raise ResolutionError("the image does not say its resolution: set `dpi` for this scanner")
    return float(across)


def _check_dpi(dpi: float) -> None:
    if abs(dpi - DPI) > DPI * _TOLERANCE:
        raise ResolutionError(f"the image is at {dpi:.0f} dpi; prints are taken at {DPI}")


def _check_size(width: int, height: int) -> None:
    if width not in _SIDES or height not in _SIDES:
        raise AnswerUnreadableError(f"{width} x {height} pixels cannot be one print at {DPI} dpi")


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.convert("L").save(buffer, "PNG", dpi=(DPI, DPI))
    return buffer.getvalue()
