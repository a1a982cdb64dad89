"""What a comparison's score is worth: from an engine's own scale to evidence in bans."""

from services.biometrics.evidence.calibration import Calibration, Tail, measured_tail

__all__ = ["Calibration", "Tail", "measured_tail"]
