"""An impression: the grey image that a sensor gives of one contact."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, special

from services.sandbox.fingers.contact import SHAPE, Contact, Plane
from services.sandbox.fingers.master import Finger
from services.sandbox.fingers.smooth import smooth_noise


def impress(finger: Finger, impression: int, difficulty: float = 0.3) -> NDArray[np.uint8]:
    """Press a finger on a sensor; measured 0.06 s of CPU.

    Args:
        finger: the master.
        impression: which contact, from 0. Placement, pressure, skin and noise are drawn anew for each.
        difficulty: 0 clean and well placed .. 1 hard: turned, partial, stretched, dry or wet, cut, noisy. The
            same contact at another difficulty keeps its draws and scales them.

    Returns:
        uint8 (400, 300), grey, 500 dpi, dark ridges on a light ground; the same for the same arguments.

    Raises:
        ValueError: impression is negative, or difficulty is outside 0..1.
    """
    if impression < 0 or not 0 <= difficulty <= 1:
        raise ValueError("impression must be from 0 and difficulty between 0 and 1")
    rng = np.random.default_rng(np.random.SeedSequence(finger.seed, spawn_key=(impression,)))
    contact = Contact.draw(rng, difficulty)
    height = _skin(finger, contact, rng)
    for cut in contact.cuts:
        height -= cut.depth()
    return _expose(_touch(height, contact, rng), contact, rng)


def _skin(finger: Finger, contact: Contact, rng: np.random.Generator) -> Plane:
    """Ridge height above each pixel: the master, placed and stretched."""
    stretch = 1.5 + 5 * contact.difficulty
    moved = [
        axis + side / 2 + stretch * smooth_noise(SHAPE, 100.0, rng)
        for axis, side in zip(contact.on_finger(), finger.ridges.shape, strict=True)
    ]
    return ndimage.map_coordinates(finger.ridges, moved, order=1, mode="nearest")


def _touch(height: Plane, contact: Contact, rng: np.random.Generator) -> Plane:
    """Share of each pixel that touches, 0..1: pressure falls to the edge, grain breaks the ridges."""
    rough = contact.difficulty
    # A blur of 1.3 px leaves white noise 1 / 4.6 of its spread.
    grain = 4.6 * ndimage.gaussian_filter(rng.standard_normal(SHAPE, dtype=np.float32), 1.3)
    pressure = contact.wetness + (0.12 + 0.35 * rough) * smooth_noise(SHAPE, 70.0, rng)
    edge = contact.edge() + (0.015 + 0.03 * rough) * smooth_noise(SHAPE, 50.0, rng)
    lift = 25 * np.maximum(0, edge - 0.86)
    press = height + pressure - lift + (0.20 + 0.45 * rough) * grain
    return np.asarray(special.expit(4 * press), np.float32)


def _expose(touch: Plane, contact: Contact, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Grey levels of the sensor: uneven light, blur of the optics, noise of the chip."""
    light = 232 + 6 * smooth_noise(SHAPE, 120.0, rng)
    depth = 205 - 40 * contact.difficulty + 12 * smooth_noise(SHAPE, 60.0, rng)
    grey = light - depth * ndimage.gaussian_filter(touch, 0.7)
    grey += (3 + 9 * contact.difficulty) * rng.standard_normal(SHAPE, dtype=np.float32)
    return np.clip(grey, 0, 255).astype(np.uint8)
