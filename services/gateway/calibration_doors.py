"""Doors to calibrations. A table."""

from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.door import Door
from shared.contracts import calibrations as contract

CALIBRATION_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/v1/calibrations", "biometrics", Kind.CALIBRATION, Action.LIST,
        "listCalibrations", "What scores are worth: every version, and who signed it", "calibrations",
        None, contract.CalibrationList,
    ),
    Door(
        "POST", "/v1/calibrations", "biometrics", Kind.CALIBRATION, Action.WRITE,
        "proposeCalibration", "Keep a calibration file, to be signed", "calibrations",
        contract.CalibrationProposal, contract.CalibrationList, status=201,
    ),
    Door(
        "POST", "/v1/calibrations/{digest}/signatures", "biometrics", Kind.CALIBRATION, Action.WRITE,
        "signCalibration", "Sign as an officer", "calibrations",
        contract.CalibrationSignature, contract.CalibrationList,
    ),
    Door(
        "POST", "/v1/calibrations/{digest}/activation", "biometrics", Kind.CALIBRATION, Action.WRITE,
        "activateCalibration", "Put what two officers signed in force", "calibrations",
        None, contract.CalibrationList,
    ),
)  # fmt: skip
