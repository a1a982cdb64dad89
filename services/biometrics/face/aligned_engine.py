"""What both engines do alike: find the face, judge its quality, and put the embedding to unit length."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from services.biometrics.face import quality
from services.biometrics.face.engine import FaceSample
from services.biometrics.face.finding import FaceFinder, FoundFace

_QUALITY_CHIP_PX = 150
"""Sharpness is measured on a face of this size, whatever size the network takes."""


class AlignedFaceEngine(ABC):
    """A network behind dlib's detector and landmarks. Safe to share between threads."""

    def __init__(self) -> None:
        self._finder = FaceFinder()

    def sample(self, rgb: NDArray[np.uint8]) -> FaceSample:
        """The photo's one face; see FaceEngine.sample.

        Raises:
            FaceNotUsableError: no face, several of similar size, or one that is too small.
            ValueError: rgb is not uint8 (h, w, 3).
        """
        rgb = _checked(rgb)
        face = self._finder.find(rgb)
        raw = self._embed(rgb, face)
        norm = float(np.linalg.norm(raw))
        elements = quality.assess(face.chip(rgb, _QUALITY_CHIP_PX), face.inter_eye_px, face.points)
        elements |= self._judged_by_network(norm)
        return FaceSample(
            embedding=(raw / norm).astype(np.float32),
            box=face.box,
            quality=round(min(elements.values())),
            notes=quality.poor(elements),
        )

    @abstractmethod
    def _embed(self, rgb: NDArray[np.uint8], face: FoundFace) -> NDArray[np.float32]:
        """The network's own answer for a face, float32 (dimension,), of any length."""

    def _judged_by_network(self, norm: float) -> dict[str, float]:  # noqa: ARG002  for networks that say so
        """Elements of quality that the length of the network's answer tells."""
        return {}


def _checked(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError("a photo is uint8 (h, w, 3)")
    return np.ascontiguousarray(rgb)
