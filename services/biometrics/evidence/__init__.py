"""What comparisons' scores are worth: an engine's own scale as evidence in bans, and a sum of bans as a rarity."""

from services.biometrics.evidence.calibration import Calibration, Tail, measured, measured_tail
from services.biometrics.evidence.rarity import Rarity, Slot

__all__ = ["Calibration", "Rarity", "Slot", "Tail", "measured", "measured_tail"]
