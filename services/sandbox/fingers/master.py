"""The master: the ridge pattern of a whole fingertip, before it touches a sensor."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from services.sandbox.fingers.orientation import Pattern, draw_pattern, orientation_field, place_singularities
from services.sandbox.fingers.ridges import grow_ridges
from services.sandbox.fingers.smooth import smooth_noise

SHAPE = (480, 352)
"""Height and width of a master in px: 24 by 18 mm at 500 dpi, more skin than one contact shows."""

PERIOD = (8.4, 9.5)
"""Ridge period of adults in px at 500 dpi (0.43 to 0.48 mm)."""


@dataclass(frozen=True)
class Finger:
    """A finger that nobody has.

    Attributes:
        seed: what everything else follows from; two fingers are equal if their seeds are.
        pattern: Henry pattern class.
        period: mean distance between ridges in px at 500 dpi.
        ridges: float32 (480, 352), read-only, in [-1, 1]: 1 on the top of a ridge, -1 at the bottom of a valley.
    """

    seed: int
    pattern: Pattern = field(compare=False)
    period: float = field(compare=False)
    ridges: NDArray[np.float32] = field(compare=False, repr=False)


def grow_finger(seed: int) -> Finger:
    """Grow the master of a finger; measured 0.2 s of CPU.

    Args:
        seed: any integer from 0; another seed is another finger.

    Returns:
        The finger, the same for the same seed on the same machine.

    Raises:
        ValueError: the seed is negative.
    """
    rng = np.random.default_rng(seed)
    pattern = draw_pattern(rng)
    theta = orientation_field(place_singularities(pattern, rng), SHAPE, rng)
    period = rng.uniform(*PERIOD)
    ridges = _vary_period(grow_ridges(theta, period, rng), rng)
    ridges.flags.writeable = False
    return Finger(seed, pattern, float(period), ridges)


def _vary_period(ridges: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Stretch the skin here and there: no finger has one period all over."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float32)
    moved = [axis + 4 * smooth_noise(SHAPE, 80.0, rng) for axis in (rows, columns)]
    return ndimage.map_coordinates(ridges, moved, order=1, mode="nearest")
