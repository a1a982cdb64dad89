"""The fingerprint engine: from a grey image to a template, and from two templates to a score."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint import comparison
from services.biometrics.fingerprint.leader import LeaderNetwork
from services.biometrics.fingerprint.minutiae import FingerNotUsableError
from services.biometrics.fingerprint.template import FingerTemplate


class FingerEngine(Protocol):
    """What extracts and compares prints. Templates of different `model_id` are never compared."""

    @property
    def model_id(self) -> str:
        """Names extractor, comparer and their settings; changes whenever a score could."""
        ...

    def extract(self, grey: NDArray[np.uint8], dpi: int) -> FingerTemplate:
        """The template of one print; raises FingerNotUsableError when it should be captured again."""
        ...

    def compare(self, a: FingerTemplate, b: FingerTemplate) -> float:
        """How alike, 0..1; larger is more alike."""
        ...


class LeaderMccEngine:
    """LEADER minutiae compared with Minutia Cylinder-Code and LSS-R. Thread-safe: holds no state but the network."""

    model_id = "leader-mcc16b-1"

    def __init__(self) -> None:
        """Load the network; takes a tenth of a second.

        Raises:
            ModelFileError: the weights are absent or not the expected file.
        """
        self._network = LeaderNetwork()

    def extract(self, grey: NDArray[np.uint8], dpi: int) -> FingerTemplate:
        """The template of one print. About half a second of one core.

        Args:
            grey: uint8 (height, width), dark ridges on a light ground.
            dpi: resolution of `grey`, dots per inch.

        Returns:
            Template at 500 dpi.

        Raises:
            FingerNotUsableError: see its reasons.
        """
        minutiae = self._network.detect(grey, dpi)
        if not len(minutiae):
            raise FingerNotUsableError("NO_RIDGES")
        return FingerTemplate.of(minutiae)

    def compare(self, a: FingerTemplate, b: FingerTemplate) -> float:
        """LSS-R, 0..1; the same number that FingerGallery.search gives for the pair with `a` as the probe."""
        return comparison.compare(a.cylinders, b.cylinders)
