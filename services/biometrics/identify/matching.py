"""One item against one item: whether they can be compared, how alike they are, and what that is worth."""

from functools import cache

from services.biometrics.evidence import Calibration, Rarity
from services.biometrics.face import cosine
from services.biometrics.templates.engines import Engines
from services.biometrics.templates.features import FaceFeatures, Features, FingerFeatures


class Matcher:
    """Compares features of the same modality and model."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._calibrations = engines.calibrations
        self.rarity = Rarity(self._calibrations)

    def score(self, probe: Features, other: Features) -> float | None:
        """How alike, on the comparer's own scale; None when the two cannot be compared."""
        if isinstance(probe, FaceFeatures) and isinstance(other, FaceFeatures):
            return cosine(probe.vector, other.vector) if probe.model_id == other.model_id else None
        if isinstance(probe, FingerFeatures) and isinstance(other, FingerFeatures) and _may_be_same(probe, other):
            return self._engines.finger.compare(probe.template, other.template)
        return None

    def calibration(self, probe: Features, other: Features) -> Calibration:
        """What a score of these two is worth: with a print of another maker on either side, less."""
        own = self._engines.finger.model_id
        return self._calibrations[other.model_id if probe.model_id == own else probe.model_id]

    def floor(self, probe: Features) -> float:
        """The score below which no face speaks for being the probe's; meaningless for prints."""
        return score_worth(self._calibrations[probe.model_id], 0.0) if isinstance(probe, FaceFeatures) else -1.0


@cache
def score_worth(calibration: Calibration, bans: float) -> float:
    """The highest face score, to a millionth, that is worth no more than so much."""
    low, high = -1.0, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if calibration.bans(middle) <= bans else (low, middle)
    return low


def _may_be_same(probe: FingerFeatures, other: FingerFeatures) -> bool:
    """A finger of known position is compared with the same one, and with those of unknown position."""
    return probe.comparer == other.comparer and (
        None in {probe.position, other.position} or probe.position == other.position
    )
