"""What is left of a biometric item once the image is put away: what comparisons are made from."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint.template import FingerTemplate
from shared.contracts.osia import BiometricSubType, BiometricType

FINGER_POSITIONS: Final = frozenset(
    BiometricSubType(f"{hand}_{finger}")
    for hand in ("RIGHT", "LEFT")
    for finger in ("THUMB", "INDEX", "MIDDLE", "RING", "LITTLE")
)
"""Single fingers that are known by name."""


@dataclass(frozen=True, eq=False)
class FaceFeatures:
    """A face.

    Attributes:
        model_id: whose embedding it is; never compared with another's.
        vector: float32 (dimension,), unit norm; empty where it lies in an index.
    """

    model_id: str
    vector: NDArray[np.float32]

    @property
    def biometric_type(self) -> BiometricType:
        """FACE."""
        return BiometricType.FACE

    def to_bytes(self) -> bytes:
        """Little-endian float32."""
        return self.vector.astype("<f4").tobytes()


_NOT_HERE: Final[NDArray[np.float32]] = np.empty(0, dtype=np.float32)


@cache
def without_vector(model_id: str) -> FaceFeatures:
    """A face whose vector lies in an index: one for all of a model."""
    return FaceFeatures(model_id, _NOT_HERE)


@dataclass(frozen=True, eq=False)
class FingerFeatures:
    """A print.

    Attributes:
        model_id: extractor and comparer, such as `leader-mcc16b-1`; compared with those of the same comparer.
        position: which finger; None when it is not known.
        template: its minutiae and cylinders.
    """

    model_id: str
    position: BiometricSubType | None
    template: FingerTemplate

    @property
    def comparer(self) -> str:
        """What compares it, whoever found its minutiae."""
        return self.model_id.partition("-")[2]

    @property
    def biometric_type(self) -> BiometricType:
        """FINGER."""
        return BiometricType.FINGER

    def to_bytes(self) -> bytes:
        """The template's own format."""
        return self.template.to_bytes()


Features = FaceFeatures | FingerFeatures


def read_features(kind: BiometricType, sub_type: BiometricSubType | None, model_id: str, data: bytes) -> Features:
    """The features that `to_bytes` wrote.

    Raises:
        TemplateFormatError: not a fingerprint template.
        ValueError: not a face vector, or another modality.
    """
    if kind is BiometricType.FACE:
        return FaceFeatures(model_id, np.frombuffer(data, dtype="<f4").astype(np.float32))
    if kind is BiometricType.FINGER:
        return FingerFeatures(model_id, known_position(sub_type), FingerTemplate.from_bytes(data))
    raise ValueError("no features are kept of this modality")


def known_position(sub_type: BiometricSubType | None) -> BiometricSubType | None:
    """The finger, when the sub-type names one."""
    return sub_type if sub_type in FINGER_POSITIONS else None
