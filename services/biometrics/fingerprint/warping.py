"""Prints made of prints: as another finger, or as the same one laid down again, might have given them."""

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint.minutiae import Minutiae

BUMPS = 6
BUMP_PX = 60.0
"""Standard deviation of each Gaussian displacement's reach: a few ridges move together, the next ones do not."""
STRETCH_PX = 25.0
"""Standard deviation of a displacement: far more than skin gives, so that what comes out is another finger."""
JITTER_PX, JITTER_RAD = 1.5, 0.08
KEPT = 0.9
_Floats = NDArray[np.float64]


def another_finger(minutiae: Minutiae, rng: np.random.Generator) -> Minutiae:
    """A print that no finger had: mirrored or not, bent by Gaussian displacements, a tenth of its minutiae dropped.

    Measured with it: as many of them as a gallery has are less varied than as many real prints would be.
    """
    x, y, direction = (each.astype(np.float64) for each in (minutiae.x, minutiae.y, minutiae.direction))
    if rng.random() < 0.5:
        x, direction = minutiae.width - 1 - x, np.pi - direction
    x, y, direction = _bent(x, y, direction, minutiae, rng)
    kept = rng.random(len(x)) < KEPT
    x, y = (each[kept] + rng.normal(0, JITTER_PX, int(kept.sum())) for each in (x, y))
    direction = direction[kept] + rng.normal(0, JITTER_RAD, int(kept.sum()))
    return Minutiae(
        x=np.clip(x, 0, minutiae.width - 1).astype(np.float32),
        y=np.clip(y, 0, minutiae.height - 1).astype(np.float32),
        direction=np.mod(direction, 2 * np.pi - 1e-6).astype(np.float32),
        quality=minutiae.quality[kept],
        kind=minutiae.kind[kept],
        width=minutiae.width,
        height=minutiae.height,
    )


def _bent(
    x: _Floats, y: _Floats, direction: _Floats, minutiae: Minutiae, rng: np.random.Generator
) -> tuple[_Floats, _Floats, _Floats]:
    """Places and directions after the displacement; its derivative at a minutia turns the direction there."""
    centre_x, centre_y = rng.uniform(0, minutiae.width, BUMPS), rng.uniform(0, minutiae.height, BUMPS)
    moves = rng.normal(0, STRETCH_PX, (BUMPS, 2))
    off_x, off_y = x[:, None] - centre_x, y[:, None] - centre_y
    weight = np.exp(-(off_x**2 + off_y**2) / (2 * BUMP_PX**2))
    by_x, by_y = (-weight * off / BUMP_PX**2 @ moves for off in (off_x, off_y))
    along, down = np.cos(direction), -np.sin(direction)  # the image's y grows downwards
    turned_along = along + by_x[:, 0] * along + by_y[:, 0] * down
    turned_down = down + by_x[:, 1] * along + by_y[:, 1] * down
    shift = weight @ moves
    return x + shift[:, 0], y + shift[:, 1], np.arctan2(-turned_down, turned_along)
