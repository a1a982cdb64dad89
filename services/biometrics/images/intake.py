"""Bytes from outside to pixels: sniffed, bounded before decoding, upright, one frame."""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, JpegImagePlugin

from services.biometrics.images import formats, wsq
from services.biometrics.images.limits import (
    PHOTO_LIMITS,
    PRINT_LIMITS,
    ImageRefusedError,
    Limits,
    Refusal,
)
from shared.standards.iso19794_4 import (
    Compression,
    FingerImageRecordError,
    FingerImageView,
    is_finger_image_record,
    read_finger_image_record,
)

DEFAULT_DPI = 500
"""Of fingerprint images that do not say: ANSI/NIST-ITL and ISO/IEC 19794-4 prescribe 19.69 pixels/mm."""

_RAW_MEDIA_TYPE = "application/octet-stream"
_PLAUSIBLE_DPI = range(250, 1201)
_EXIF_ORIENTATION = 0x0112
_UPRIGHT_BY = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, eq=False)
class FingerImage:
    """One fingerprint image as it came.

    Attributes:
        pixels: uint8 (h, w), ridges dark.
        dpi: pixels per inch, 250..1200.
        media_type: of the file it was read from, by its content.
    """

    pixels: NDArray[np.uint8]
    dpi: int
    media_type: str


def open_photo(data: bytes, limits: Limits = PHOTO_LIMITS) -> NDArray[np.uint8]:
    """The photo's pixels, upright and not larger than a face engine needs.

    Args:
        data: a JPEG, PNG, JPEG 2000, WebP or BMP file.
        limits: what it may be at most.

    Returns:
        uint8 (h, w, 3) RGB; transparent parts on white.

    Raises:
        ImageRefusedError: for whatever reason it cannot be used.
    """
    limits.check_bytes(data)
    kind = formats.sniff(data, formats.PHOTO_FORMATS)
    with _refusing():
        image = _opened(data, kind, limits)
        orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
        small = _scaled_down(image, limits.longest_px)
        upright = _UPRIGHT_BY.get(orientation)
        return np.array(small if upright is None else small.transpose(upright), dtype=np.uint8)


def open_print(data: bytes, limits: Limits = PRINT_LIMITS, dpi: int | None = None) -> FingerImage:
    """The fingerprint image's grey pixels and resolution.

    Args:
        data: a WSQ, PNG, BMP, JPEG 2000, TIFF or JPEG file, or a finger image record (ISO/IEC 19794-4) of one image.
        limits: what it may be at most.
        dpi: what the scanner says; goes before what the record says, and this before what the file says: files are
            often wrong about it.

    Returns:
        Pixels at their own resolution: not resampled.

    Raises:
        ImageRefusedError: for whatever reason it cannot be used.
    """
    if dpi is not None and dpi not in _PLAUSIBLE_DPI:
        raise ImageRefusedError(Refusal.IMPLAUSIBLE_RESOLUTION, "the stated dpi is not in 250..1200")
    limits.check_bytes(data)
    if is_finger_image_record(data):
        return _open_record(data, limits, dpi)
    kind = formats.sniff(data, formats.PRINT_FORMATS)
    if kind is formats.WSQ:
        pixels, stated = wsq.decode(data, limits)
    else:
        with _refusing():
            image = _opened(data, kind, limits)
            stated = _stated_dpi(image)
            pixels = np.array(_on_white(image, "L"), dtype=np.uint8)
    if stated not in _PLAUSIBLE_DPI:
        stated = None
    return FingerImage(pixels, dpi or stated or DEFAULT_DPI, kind.media_type)


def _open_record(data: bytes, limits: Limits, dpi: int | None) -> FingerImage:
    """The one image inside a finger image record, at the record's resolution unless the scanner says another."""
    try:
        views = read_finger_image_record(data)
    except FingerImageRecordError as error:
        raise ImageRefusedError(Refusal.DAMAGED, str(error)) from error
    if len(views) != 1:
        raise ImageRefusedError(Refusal.SEVERAL_FRAMES, "holds more than one picture")
    view = views[0]
    limits.check_size(view.width, view.height)
    if view.dpi not in _PLAUSIBLE_DPI:
        raise ImageRefusedError(Refusal.IMPLAUSIBLE_RESOLUTION, "the record's resolution is not in 250..1200 dpi")
    if view.compression in {Compression.RAW, Compression.RAW_PACKED}:
        return FingerImage(_raw_pixels(view), dpi or view.dpi, _RAW_MEDIA_TYPE)
    if is_finger_image_record(view.data):
        raise ImageRefusedError(Refusal.DAMAGED, "a record within a record")
    inside = open_print(view.data, limits, dpi or view.dpi)
    if inside.pixels.shape != (view.height, view.width):
        raise ImageRefusedError(Refusal.DAMAGED, "the image inside is not of the stated size")
    return inside


def _raw_pixels(view: FingerImageView) -> NDArray[np.uint8]:
    if view.bit_depth != 8:
        raise ImageRefusedError(Refusal.UNSUPPORTED_PIXELS, "raw pixels of other than 8 bits")
    if len(view.data) != view.width * view.height:
        raise ImageRefusedError(Refusal.DAMAGED, "raw pixels of another number than stated")
    return np.frombuffer(view.data, dtype=np.uint8).reshape(view.height, view.width).copy()


@contextmanager
def _refusing() -> Iterator[None]:
    """Turns whatever a decoder raises into a refusal; decoders raise many kinds, some of them undocumented."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # a package in the process may have switched it on: half an image is none
    try:
        yield
    except ImageRefusedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefusedError(Refusal.TOO_MANY_PIXELS, "far too many pixels") from error
    except Exception as error:
        raise ImageRefusedError(Refusal.DAMAGED, f"cannot be decoded ({type(error).__name__})") from error


def _opened(data: bytes, kind: formats.Format, limits: Limits) -> Image.Image:
    """The image with its header read and checked; no pixel is decoded yet."""
    if kind is formats.WEBP:
        limits.check_size(*formats.webp_size(data))
    image = _open_jpeg(data, limits) if kind is formats.JPEG else _open_other(data, kind)
    limits.check_size(*image.size)
    if kind is not formats.JPEG and _has_second_frame(image):
        raise ImageRefusedError(Refusal.SEVERAL_FRAMES, "holds more than one picture")
    return image


def _open_other(data: bytes, kind: formats.Format) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=[kind.pillow])


def _open_jpeg(data: bytes, limits: Limits) -> Image.Image:
    # Telephones append depth maps and previews (CIPA DC-007); Image.open would make several frames of that.
    # In coded data FF is always followed by 00 or a restart marker, so every FF DA is a scan (or a preview's).
    if data.count(b"\xff\xda") > limits.scans:
        raise ImageRefusedError(Refusal.TOO_MANY_SCANS, f"over {limits.scans} scans")
    return JpegImagePlugin.JpegImageFile(io.BytesIO(data))


def _has_second_frame(image: Image.Image) -> bool:
    # n_frames would walk through all of a file's frames: a bomb of its own.
    try:
        image.seek(1)
    except EOFError:
        return False
    return True


def _scaled_down(image: Image.Image, longest_px: int | None) -> Image.Image:
    if longest_px is None or max(image.size) <= longest_px:
        return _on_white(image, "RGB")
    scale = longest_px / max(image.size)
    target = (math.ceil(image.width * scale), math.ceil(image.height * scale))
    image.draft("RGB", target)  # JPEG only: decodes at 1/2, 1/4 or 1/8, never under the target
    flat = _on_white(image, "RGB")
    flat.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return flat


def _on_white(image: Image.Image, mode: str) -> Image.Image:
    """Opaque pixels as a person would see them: what is hidden by transparency must not reach a matcher."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.array(image) >> 8).astype(np.uint8)).convert(mode)
    if image.mode in {"I", "F"}:
        raise ImageRefusedError(Refusal.UNSUPPORTED_PIXELS, "32-bit samples")
    if not image.has_transparency_data:
        return image.convert(mode)
    overlay = image.convert("RGBA")
    paper = Image.new("RGBA", overlay.size, "white")
    return Image.alpha_composite(paper, overlay).convert(mode)


def _stated_dpi(image: Image.Image) -> int | None:
    """What the file says, if it says the same for both directions."""
    across, down = (float(number) for number in image.info.get("dpi", (0, 0)))
    if across <= 0 or not math.isclose(across, down, rel_tol=0.01):
        return None
    return round(across)
