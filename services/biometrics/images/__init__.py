"""Image intake: bytes from outside become pixels, within limits, or a clear refusal."""

from services.biometrics.images.intake import FingerImage, open_photo, open_print
from services.biometrics.images.limits import (
    PHOTO_LIMITS,
    PRINT_LIMITS,
    ImageRefusedError,
    Limits,
    Refusal,
)

__all__ = [
    "PHOTO_LIMITS",
    "PRINT_LIMITS",
    "FingerImage",
    "ImageRefusedError",
    "Limits",
    "Refusal",
    "open_photo",
    "open_print",
]
