"""From a photo to a face embedding, and from a similarity to a false match rate."""

from services.biometrics.face.calibration import DLIB_RESNET_V1, FACEPLUGIN_FR_1, cosine
from services.biometrics.face.choice import (
    CALIBRATIONS,
    INSTALL_COMMAND,
    calibration_of,
    is_installed,
    load_face_engine,
    load_model,
)
from services.biometrics.face.dlib_engine import DlibFaceEngine
from services.biometrics.face.engine import (
    FaceEngine,
    FaceEngineUnavailableError,
    FaceNotUsableError,
    FaceSample,
    FaceTrouble,
)
from services.biometrics.face.faceplugin_engine import FacepluginFaceEngine

__all__ = [
    "CALIBRATIONS",
    "DLIB_RESNET_V1",
    "FACEPLUGIN_FR_1",
    "INSTALL_COMMAND",
    "DlibFaceEngine",
    "FaceEngine",
    "FaceEngineUnavailableError",
    "FaceNotUsableError",
    "FaceSample",
    "FaceTrouble",
    "FacepluginFaceEngine",
    "calibration_of",
    "cosine",
    "is_installed",
    "load_face_engine",
    "load_model",
]
