"""What to tell the worker before the photo is taken: is there one face, is it large, straight, lit and sharp enough?

Simple measures, computed at the desk so that they work without a network. They guide; whether a photo can be used is
for the gateway to say. Thresholds follow the intent of ICAO Doc 9303-3, section 3.9.1 (portrait quality); their
figures are ours and were set by eye on synthetic faces.

The detector is dlib's (histogram of gradients, part of the library's code: no model file). It finds faces and
recognises nobody; this is the desk's only module that knows it. Decision: docs/adr/0036.
"""

import io
import threading
from dataclasses import dataclass
from typing import Any, Final

import dlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from shared.pages.languages import marked

_HEIGHT: Final = 480
"""The detector finds faces from 80 pixels: a sixth of the picture."""
_MAX_PIXELS: Final = 40_000_000
_LEAST, _MOST = 0.22, 0.62
"""Height of the face (brow to chin, as the detector boxes it) in parts of the picture's."""
_CENTRE: Final = 0.16
_DARK, _BRIGHT = 60.0, 205.0
_UNEVEN: Final = 45.0
_SHARP: Final = 0.16
_FACE: Final = 128
"""Side of the face, in pixels, at which sharpness is measured: the same near and far."""
_FRONT, _LEFT, _RIGHT, _TILT_LEFT, _TILT_RIGHT = range(5)

_local = threading.local()


class PhotoUnreadableError(Exception):
    """The photo is no image that can be read."""


@dataclass(frozen=True)
class Guidance:
    """What is seen in one picture.

    Attributes:
        faces: how many.
        say: what to tell the worker, most urgent first; empty when all is well.
        codes: the same, as stable words.
        box: the face's left, top, width and height in parts of the picture; none without exactly one face.
    """

    faces: int
    say: list[str]
    codes: list[str]
    box: tuple[float, float, float, float] | None = None

    @property
    def good(self) -> bool:
        """Whether nothing needs to be mended."""
        return not self.codes


SAYINGS: Final = {
    "NO_FACE": marked("No face is seen. Look into the camera."),
    "MANY_FACES": marked("Only one person may be in the picture."),
    "TOO_SMALL": marked("Come closer."),
    "TOO_LARGE": marked("Step back a little."),
    "OFF_CENTRE": marked("Move to the middle."),
    "TURNED": marked("Turn the face to the camera."),
    "TILTED": marked("Hold the head upright."),
    "DARK": marked("More light on the face."),
    "BRIGHT": marked("Less light on the face."),
    "UNEVEN": marked("Light comes from one side: turn, or move the lamp."),
    "BLURRED": marked("Hold still; the picture is not sharp."),
}


def upright(photo: bytes) -> Image.Image:
    """The photo as it is meant to be seen (Exif orientation applied), RGB.

    Raises:
        PhotoUnreadableError: no JPEG, PNG or WebP, damaged, or far too large.
    """
    try:
        with Image.open(io.BytesIO(photo), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise PhotoUnreadableError("the photo has too many pixels")
            return ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PhotoUnreadableError("this file is no photo that can be read") from error


def look(photo: bytes) -> Guidance:
    """Measure one picture; about 20 ms of CPU.

    Raises:
        PhotoUnreadableError: it cannot be read.
    """
    image = upright(photo).convert("L")
    width = max(1, round(image.width * _HEIGHT / image.height))
    grey = np.asarray(image.resize((width, _HEIGHT), Image.Resampling.BILINEAR))
    boxes, _, kinds = _detector().run(np.ascontiguousarray(grey), 0, 0.0)
    if len(boxes) != 1:
        return _told(len(boxes), ["NO_FACE" if not boxes else "MANY_FACES"])
    box = boxes[0]
    face = grey[max(0, box.top()) : box.bottom(), max(0, box.left()) : box.right()].astype(np.float64)
    codes = [*_place(box, width), *_pose(kinds[0]), *_light(face), *_sharpness(face)]
    part = (box.left() / width, box.top() / _HEIGHT, box.width() / width, box.height() / _HEIGHT)
    return _told(1, codes, part)


def _told(faces: int, codes: list[str], box: tuple[float, float, float, float] | None = None) -> Guidance:
    return Guidance(faces, [SAYINGS[code] for code in codes], codes, box)


def _detector() -> Any:
    """One for each thread: a shared one gives wrong boxes."""
    if not hasattr(_local, "detector"):
        _local.detector = dlib.get_frontal_face_detector()
    return _local.detector


def _place(box: Any, width: int) -> list[str]:
    height = box.height() / _HEIGHT
    middle = abs((box.left() + box.right()) / 2 / width - 0.5)
    size = ["TOO_SMALL"] if height < _LEAST else ["TOO_LARGE"] if height > _MOST else []
    return size + (["OFF_CENTRE"] if middle > _CENTRE else [])


def _pose(kind: int) -> list[str]:
    """Which of the detector's five views found the face."""
    if kind in {_LEFT, _RIGHT}:
        return ["TURNED"]
    return ["TILTED"] if kind in {_TILT_LEFT, _TILT_RIGHT} else []


def _light(face: NDArray[np.float64]) -> list[str]:
    mean, half = float(face.mean()), face.shape[1] // 2
    if mean < _DARK or mean > _BRIGHT:
        return ["DARK" if mean < _DARK else "BRIGHT"]
    return ["UNEVEN"] if abs(float(face[:, :half].mean() - face[:, half:].mean())) > _UNEVEN else []


def _sharpness(face: NDArray[np.float64]) -> list[str]:
    """Deviation of the Laplacian over the face's own contrast: blurring takes the fine, and leaves the coarse."""
    how = Image.Resampling.BOX if face.shape[0] > _FACE else Image.Resampling.BILINEAR
    small = np.asarray(Image.fromarray(face.astype(np.uint8)).resize((_FACE, _FACE), how)).astype(np.float64)
    inner = small[1:-1, 1:-1] * 4 - small[:-2, 1:-1] - small[2:, 1:-1] - small[1:-1, :-2] - small[1:-1, 2:]
    return ["BLURRED"] if float(inner.std()) < _SHARP * (float(small.std()) or 1.0) else []
