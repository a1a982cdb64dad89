"""Finds the one face of a photo and its five landmarks, with dlib's HOG detector and 5-point model.

Only the 5-point landmark model is used: the 68-point file's training data is for non-commercial use. The files are
taken from the installed `face_recognition_models` without importing it: its import needs pkg_resources, and
`face_recognition` on top of it loads every model of the package, 155 MB of which nothing here uses.
"""

import hashlib
import threading
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import dlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.biometrics.face.engine import (
    Box,
    FaceEngineUnavailableError,
    FaceNotUsableError,
    FaceTrouble,
)

MIN_INTER_EYE_PX: Final = 16.0
"""Under this the picture that the network sees is invented by interpolation."""

BYSTANDER_SHARE: Final = 0.25
"""A second face is a bystander if its area is under this share of the first one's."""

SEARCH_PX: Final = 400
"""Longer side at which a photo is searched: faces from a fifth of it are found, from a tenth at the second try."""

LANDMARKS_SHA256: Final = "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"

_CHIP_PADDING: Final = 0.25


@dataclass(frozen=True, eq=False)
class FoundFace:
    """Where a face is in a photo.

    Attributes:
        box: top, right, bottom, left in pixels, inside the image.
        points: float64 (5, 2), x and y: outer and inner corner of the eye on the image's right, outer and inner corner
            of the other eye, base of the nose.
        landmarks: the same as dlib's object.
    """

    box: Box
    points: NDArray[np.float64]
    landmarks: Any

    @property
    def inter_eye_px(self) -> float:
        """Distance between the centres of the eyes, in pixels of the photo."""
        return float(np.linalg.norm(self.points[:2].mean(axis=0) - self.points[2:4].mean(axis=0)))

    def chip(self, rgb: NDArray[np.uint8], size: int, padding: float = _CHIP_PADDING) -> NDArray[np.uint8]:
        """The face upright in dlib's own frame, with so much of its size around it: uint8 (size, size, 3)."""
        chip: NDArray[np.uint8] = dlib.get_face_chip(rgb, self.landmarks, size, padding)
        return chip


class FaceFinder:
    """Finds faces. Safe to share between threads.

    Each thread has its own detector: one HOG detector shared by threads gives wrong boxes (measured: 23 of 60
    images).
    """

    def __init__(self) -> None:
        """Load the landmark model (9 MB).

        Raises:
            FaceEngineUnavailableError: its file is absent or not the expected one.
        """
        path = model_file("shape_predictor_5_face_landmarks.dat")
        if hashlib.sha256(path.read_bytes()).hexdigest() != LANDMARKS_SHA256:
            raise FaceEngineUnavailableError("dlib's landmark model is not the expected file")
        self._landmarks: Any = dlib.shape_predictor(str(path))
        self._of_thread = threading.local()

    def find(self, rgb: NDArray[np.uint8]) -> FoundFace:
        """The photo's one face.

        Args:
            rgb: uint8 (h, w, 3), upright, contiguous.

        Raises:
            FaceNotUsableError: no face, several of similar size, or one that is too small.
        """
        rectangle = _only(self.rectangles(rgb))
        landmarks = self._landmarks(rgb, rectangle)
        points = np.array([(part.x, part.y) for part in landmarks.parts()], dtype=np.float64)
        found = FoundFace(_clipped(rectangle, rgb.shape[0], rgb.shape[1]), points, landmarks)
        if found.inter_eye_px < MIN_INTER_EYE_PX:
            raise FaceNotUsableError(FaceTrouble.FACE_TOO_SMALL)
        return found

    def rectangles(self, rgb: NDArray[np.uint8]) -> list[Any]:
        """Every face, as dlib's rectangles in the photo's pixels."""
        # Doubling the image finds smaller faces but costs four times as much: only when needed.
        small, factor = _for_search(rgb)
        faces = list(self._detector(small, 0)) or list(self._detector(small, 1))
        return faces if factor == 1 else [_scaled(face, factor) for face in faces]

    @property
    def _detector(self) -> Any:
        if not hasattr(self._of_thread, "detector"):
            self._of_thread.detector = dlib.get_frontal_face_detector()
        return self._of_thread.detector


def model_file(name: str) -> Path:
    """A file of the installed `face_recognition_models`, which is never imported, only located.

    Raises:
        FaceEngineUnavailableError: it is not installed.
    """
    spec = find_spec("face_recognition_models")
    for place in (spec.submodule_search_locations if spec else None) or ():
        path = Path(place) / "models" / name
        if path.is_file():
            return path
    raise FaceEngineUnavailableError(f"face_recognition_models with {name} is not installed")


def _for_search(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """The photo no larger than it needs to be, and by what its rectangles are to be multiplied."""
    longer = max(rgb.shape[:2])
    if longer <= SEARCH_PX:
        return rgb, 1
    factor = longer / SEARCH_PX
    height, width = (max(round(side / factor), 1) for side in rgb.shape[:2])
    small = Image.fromarray(rgb).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(small, dtype=np.uint8), factor


def _scaled(face: Any, factor: float) -> Any:
    sides = (face.left(), face.top(), face.right(), face.bottom())
    return dlib.rectangle(*(round(side * factor) for side in sides))


def _only(faces: list[Any]) -> Any:
    if not faces:
        raise FaceNotUsableError(FaceTrouble.NO_FACE)
    largest, *others = sorted(faces, key=lambda face: face.area(), reverse=True)
    if any(other.area() >= BYSTANDER_SHARE * largest.area() for other in others):
        raise FaceNotUsableError(FaceTrouble.SEVERAL_FACES)
    return largest


def _clipped(face: Any, height: int, width: int) -> Box:
    return (
        max(face.top(), 0),
        min(face.right(), width),
        min(face.bottom(), height),
        max(face.left(), 0),
    )
