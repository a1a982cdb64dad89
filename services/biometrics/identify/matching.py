"""One item against one item: whether they can be compared, how alike they are, and what that is worth."""

from services.biometrics.face import cosine
from services.biometrics.fingerprint.calibration import minus_log10_fmr
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
        """-log10 of the share of strangers whose items reach the score with the probe's model, >= 0."""
        if isinstance(probe, FaceFeatures):
            return self._engines.face_calibration.neg_log10_fmr(score)
        return minus_log10_fmr(score)


def _may_be_same(probe: FingerFeatures, other: FingerFeatures) -> bool:
    """A finger of known position is compared with the same one, and with those of unknown position."""
    return None in {probe.position, other.position} or probe.position == other.position
