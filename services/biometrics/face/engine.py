"""What every face engine promises, whatever network is behind it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]


class FaceTrouble(StrEnum):
    """Why a photo gives no face sample; each one can be told to the person at the camera."""

    NO_FACE = "NO_FACE"
    SEVERAL_FACES = "SEVERAL_FACES"
    FACE_TOO_SMALL = "FACE_TOO_SMALL"


class FaceNotUsableError(ValueError):
    """The photo is a good image, but holds no single face that can be compared."""

    def __init__(self, reason: FaceTrouble) -> None:
        super().__init__(reason.value)
        self.reason = reason


class FaceEngineUnavailableError(RuntimeError):
    """The engine's library or model files are not installed: a fault of the installation, not of the photo."""


@dataclass(frozen=True, eq=False)
class FaceSample:
    """One face, ready to be compared with others of the same model.

    Attributes:
        embedding: float32 (dimension,), unit norm.
        box: top, right, bottom, left in pixels, inside the image.
        quality: 0..100, the weakest of the measured elements.
        notes: names of the elements of ISO/IEC 29794-5 that are poor, worst first.
    """

    embedding: NDArray[np.float32]
    box: Box
    quality: int
    notes: tuple[str, ...]


class FaceEngine(Protocol):
    """Finds the one face of a photo and embeds it. Safe to call from several threads.

    Embeddings of different `model_id` must never be compared: store the id with each embedding.
    """

    @property
    def model_id(self) -> str:
        """Names network, weights and preprocessing together, such as `dlib-resnet-v1`."""

    @property
    def dimension(self) -> int:
        """Length of an embedding."""

    def sample(self, rgb: NDArray[np.uint8]) -> FaceSample:
        """The photo's one face.

        Args:
            rgb: uint8 (h, w, 3), upright.

        Returns:
            The embedding with where the face is and how good it is.

        Raises:
            FaceNotUsableError: no face, several of similar size, or one that is too small.
        """
