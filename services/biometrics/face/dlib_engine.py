"""The engine of the `face_recognition` package: HOG detector, 5-point landmarks, 128-D residual network.

Only the 5-point landmark model is used: the 68-point file's training data is for non-commercial use.
"""

import threading
import warnings
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from services.biometrics.face import quality
from services.biometrics.face.engine import (
    Box,
    FaceEngineUnavailableError,
    FaceNotUsableError,
    FaceSample,
    FaceTrouble,
)

MIN_INTER_EYE_PX = 16.0
"""Under this the 150-pixel chip that the network sees is invented by interpolation."""

BYSTANDER_SHARE = 0.25
"""A second face is a bystander if its area is under this share of the first one's."""

_CHIP_PX = 150


@cache
def _package() -> ModuleType:
    """`face_recognition`, imported without its three side effects.

    When its models cannot be imported it prints a hint and quits the process with exit code 0; on import it
    warns about pkg_resources, and it makes Pillow accept truncated images in the whole process.
    """
    for needed in ("face_recognition", "face_recognition_models", "pkg_resources"):
        if find_spec(needed) is None:
            raise FaceEngineUnavailableError(f"the package that provides {needed} is not installed")
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import face_recognition.api
    except (SystemExit, Exception) as error:
        raise FaceEngineUnavailableError("face_recognition or its model files cannot be loaded") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
    module: ModuleType = face_recognition.api
    return module


class DlibFaceEngine:
    """`face_recognition` behind the FaceEngine protocol.

    Each thread has its own detector: one HOG detector shared by threads gives wrong boxes (measured: 23 of 60
    images). The network is shared behind a lock, for it keeps its activations in itself; one embedding takes
    about 0.1 s, so threads do not make this engine faster.
    """

    model_id = "dlib-resnet-v1"
    dimension = 128

    def __init__(self) -> None:
        """Load the models.

        Raises:
            FaceEngineUnavailableError: the library or its model files are missing.
        """
        package = _package()
        self._dlib: Any = package.dlib
        self._landmarks: Any = package.pose_predictor_5_point
        self._network: Any = package.face_encoder
        self._network_lock = threading.Lock()
        self._of_thread = threading.local()

    def sample(self, rgb: NDArray[np.uint8]) -> FaceSample:
        """The photo's one face; see FaceEngine.sample.

        Raises:
            FaceNotUsableError: no face, several of similar size, or one that is too small.
            ValueError: rgb is not uint8 (h, w, 3).
        """
        rgb = _checked(rgb)
        face = self._only_face(rgb)
        points = self._landmarks(rgb, face)
        inter_eye_px = _inter_eye_px(points)
        if inter_eye_px < MIN_INTER_EYE_PX:
            raise FaceNotUsableError(FaceTrouble.FACE_TOO_SMALL)
        chip = self._dlib.get_face_chip(rgb, points, size=_CHIP_PX)
        elements = quality.assess(chip, inter_eye_px)
        return FaceSample(
            embedding=self._embed(rgb, points),
            box=_clipped(face, rgb.shape[0], rgb.shape[1]),
            quality=round(min(elements.values())),
            notes=quality.poor(elements),
        )

    def _only_face(self, rgb: NDArray[np.uint8]) -> Any:
        faces = self._faces(rgb)
        if not faces:
            raise FaceNotUsableError(FaceTrouble.NO_FACE)
        largest, *others = sorted(faces, key=lambda face: face.area(), reverse=True)
        if any(other.area() >= BYSTANDER_SHARE * largest.area() for other in others):
            raise FaceNotUsableError(FaceTrouble.SEVERAL_FACES)
        return largest

    def _faces(self, rgb: NDArray[np.uint8]) -> list[Any]:
        # Doubling the image finds faces down to 40 pixels but costs four times as much: only when needed.
        return list(self._detector(rgb, 0)) or list(self._detector(rgb, 1))

    @property
    def _detector(self) -> Any:
        if not hasattr(self._of_thread, "detector"):
            self._of_thread.detector = self._dlib.get_frontal_face_detector()
        return self._of_thread.detector

    def _embed(self, rgb: NDArray[np.uint8], points: Any) -> NDArray[np.float32]:
        with self._network_lock:
            raw = np.array(self._network.compute_face_descriptor(rgb, points, 1), dtype=np.float64)
        return (raw / np.linalg.norm(raw)).astype(np.float32)


def _checked(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError("a photo is uint8 (h, w, 3)")
    return np.ascontiguousarray(rgb)


def _inter_eye_px(points: Any) -> float:
    # Points 0 and 1 are the corners of one eye, 2 and 3 those of the other, 4 is under the nose.
    corners = np.array([(points.part(i).x, points.part(i).y) for i in range(4)], dtype=np.float64)
    return float(np.linalg.norm(corners[:2].mean(axis=0) - corners[2:].mean(axis=0)))


def _clipped(face: Any, height: int, width: int) -> Box:
    return (
        max(face.top(), 0),
        min(face.right(), width),
        min(face.bottom(), height),
        max(face.left(), 0),
    )
