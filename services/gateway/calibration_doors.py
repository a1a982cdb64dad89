"""Doors to calibrations. A table."""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.door import Door
from shared.contracts import calibrations as contract

_door = partial(Door, service="biometrics", kind=Kind.CALIBRATION, tag="calibrations")

CALIBRATION_DOORS: Final[tuple[Door, ...]] = (
    _door(
        "GET", "/v1/calibrations", Action.LIST,
        "listCalibrations", "What scores are worth: every version, and who signed it", None, contract.CalibrationList,
    ),
    _door(
        "POST", "/v1/calibrations", Action.WRITE, "proposeCalibration", "Keep a calibration file, to be signed",
        contract.CalibrationProposal, contract.CalibrationList, status=201,
    ),
    _door(
        "POST", "/v1/calibrations/{digest}/signatures", Action.WRITE, "signCalibration", "Sign as an officer",
        contract.CalibrationSignature, contract.CalibrationList,
    ),
    _door(
        "POST", "/v1/calibrations/{digest}/activation", Action.WRITE,
        "activateCalibration", "Put what two officers signed in force", None, contract.CalibrationList,
    ),
)  # fmt: skip
