"""One item against one item: whether they can be compared, how alike they are, and what that is worth."""

from services.biometrics.face import cosine
from services.biometrics.templates.engines import Engines
from services.biometrics.templates.features import FaceFeatures, Features, FingerFeatures


class Matcher:
    """Compares features of the same modality and model."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def score(self, probe: Features, other: Features) -> float | None:
        """How alike, on the comparer's own scale; None when the two cannot be compared."""
        if probe.model_id != other.model_id:
            return None
        if isinstance(probe, FaceFeatures) and isinstance(other, FaceFeatures):
            return cosine(probe.vector, other.vector)
        if isinstance(probe, FingerFeatures) and isinstance(other, FingerFeatures) and _may_be_same(probe, other):
            return self._engines.finger.compare(probe.template, other.template)
        return None

    def evidence(self, probe: Features, score: float) -> float:
        """Bans for or against one body that a score of the probe's model is worth."""
        if isinstance(probe, FaceFeatures):
            return self._engines.face_evidence(probe.model_id, score)
        return self._engines.finger_calibration.bans(score)


def _may_be_same(probe: FingerFeatures, other: FingerFeatures) -> bool:
    """A finger of known position is compared with the same one, and with those of unknown position."""
    return None in {probe.position, other.position} or probe.position == other.position
