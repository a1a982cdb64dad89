"""From a photo to a face embedding, and from a similarity to a false match rate."""

from services.biometrics.face.calibration import DLIB_RESNET_V1, cosine
from services.biometrics.face.dlib_engine import DlibFaceEngine
from services.biometrics.face.engine import (
    FaceEngine,
    FaceEngineUnavailableError,
    FaceNotUsableError,
    FaceSample,
    FaceTrouble,
)

__all__ = [
    "DLIB_RESNET_V1",
    "DlibFaceEngine",
    "FaceEngine",
    "FaceEngineUnavailableError",
    "FaceNotUsableError",
    "FaceSample",
    "FaceTrouble",
    "cosine",
]
