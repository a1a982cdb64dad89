"""Synthetic fingerprints at 500 dpi: fingers that nobody has, and several impressions of each."""

from services.sandbox.fingers.impression import impress
from services.sandbox.fingers.master import Finger, grow_finger
from services.sandbox.fingers.orientation import Pattern

__all__ = ["Finger", "Pattern", "grow_finger", "impress"]
