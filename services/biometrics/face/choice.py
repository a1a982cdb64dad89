"""Which face engine a deployment uses, and what its scores are worth."""

from pathlib import Path
from typing import Final, Literal

import structlog

from services.biometrics.evidence import Calibration
from services.biometrics.face.calibration import DLIB_RESNET_V1, FACEPLUGIN_FR_1
from services.biometrics.face.dlib_engine import DlibFaceEngine
from services.biometrics.face.engine import FaceEngine, FaceEngineUnavailableError
from services.biometrics.face.faceplugin_engine import FILE_NAME, FacepluginFaceEngine, read_model

Choice = Literal["auto", "dlib", "faceplugin"]

CALIBRATIONS: Final = {each.model_id: each for each in (DLIB_RESNET_V1, FACEPLUGIN_FR_1)}
"""What the scores of each model are worth, by model id."""

log = structlog.get_logger(__name__)


def load_face_engine(choice: Choice, models: Path) -> FaceEngine:
    """The engine of a setting; `auto` is the more accurate one where its file is installed.

    Args:
        choice: of the setting.
        models: folder of installed model files.

    Raises:
        FaceEngineUnavailableError: the engine that was asked for cannot be loaded.
    """
    if choice == "faceplugin":
        return FacepluginFaceEngine(models / FILE_NAME)
    if choice == "auto":
        try:
            return FacepluginFaceEngine(models / FILE_NAME)
        except FaceEngineUnavailableError as error:
            log.warning(
                "less_accurate_face_engine", engine=DlibFaceEngine.model_id, reason=str(error), mend=INSTALL_COMMAND
            )
    return DlibFaceEngine()


def load_model(model_id: str, models: Path) -> FaceEngine:
    """The engine of a model id, as stored vectors name it.

    Raises:
        FaceEngineUnavailableError: not known here, or not installed.
    """
    if model_id == DlibFaceEngine.model_id:
        return DlibFaceEngine()
    if model_id == FacepluginFaceEngine.model_id:
        return FacepluginFaceEngine(models / FILE_NAME)
    raise FaceEngineUnavailableError(f"no face engine here has the model {model_id[:40]}")


def is_installed(models: Path) -> bool:
    """Whether the more accurate engine's file is there and the right one."""
    try:
        read_model(models / FILE_NAME)
    except FaceEngineUnavailableError:
        return False
    return True


INSTALL_COMMAND: Final = "lindung models install"


def calibration_of(engine: FaceEngine) -> Calibration:
    """What the engine's scores are worth."""
    return CALIBRATIONS[engine.model_id]
