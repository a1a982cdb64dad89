"""Resolution of finger images: pixels per centimetre, as records state it, and per inch, as scanners are named."""

_CM_PER_INCH = 2.54
_STEP_DPI = 250


def dots_per_inch(per_cm: int) -> int:
    """Pixels per inch; a number per cm that is the rounding of a multiple of 250 per inch stands for that multiple."""
    nominal = _STEP_DPI * round(per_cm * _CM_PER_INCH / _STEP_DPI)
    return nominal if round(nominal / _CM_PER_INCH) == per_cm else round(per_cm * _CM_PER_INCH)
