"""What one contact of a finger with a sensor draws before anything is painted."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

SHAPE = (400, 300)
"""Height and width of an impression in px: 20 by 15 mm at 500 dpi, a common single-finger sensor."""

CUTS = 8
"""Cuts that may be drawn; difficulty says how many are."""


@dataclass(frozen=True)
class Cut:
    """A thin scratch: middle in px from the sensor's centre, angle in radians, length and width in px."""

    row: float
    column: float
    angle: float
    length: float
    width: float

    def depth(self) -> Plane:
        """How deep it is at each pixel: float32 (400, 300), 0 on whole skin, 3 in the middle."""
        y, x = _from_centre(self.row, self.column)
        along = x * math.cos(self.angle) + y * math.sin(self.angle)
        off = y * math.cos(self.angle) - x * math.sin(self.angle)
        taper = np.maximum(0, 1 - (2 * along / self.length) ** 2)
        return np.asarray(3 * taper * np.exp(-((off / self.width) ** 2)), np.float32)


@dataclass(frozen=True)
class Contact:
    """Placement, pressure and damage of one contact.

    Attributes:
        difficulty: 0..1.
        turn: rotation in radians.
        shift: (row, column) in px of the finger on the sensor.
        roll: (row, column) in px of the contact's centre on the finger.
        axes: half axes (row, column) in px of the contact.
        wetness: above 0 ridges spread into valleys (wet, pressed), below 0 they thin and break (dry, light).
        cuts: the scratches.
    """

    difficulty: float
    turn: float
    shift: tuple[float, float]
    roll: tuple[float, float]
    axes: tuple[float, float]
    wetness: float
    cuts: tuple[Cut, ...]

    @classmethod
    def draw(cls, rng: np.random.Generator, difficulty: float) -> Self:
        """Draw a contact; difficulty scales the draws and does not change how many there are."""
        spread = 0.3 + 1.7 * difficulty
        turn, down, right, pitch, roll, wetness = (np.clip(rng.standard_normal(6), -2, 2) * spread).tolist()
        size = 1 - difficulty * rng.uniform(0.0, 0.35)
        cuts = rng.uniform((-150, -100, 0, 30, 1.0), (150, 100, math.pi, 130, 2.2), (CUTS, 5)).tolist()
        happens = rng.random(CUTS) < 0.5 * difficulty
        return cls(
            difficulty=difficulty,
            turn=turn * math.radians(8),
            shift=(down * 9, right * 7),
            roll=(pitch * 12, roll * 10),
            axes=(178 * size * rng.uniform(0.95, 1.02), 132 * size * rng.uniform(0.95, 1.02)),
            wetness=0.25 * wetness,
            cuts=tuple(Cut(*cut) for cut, real in zip(cuts, happens, strict=True) if real),
        )

    def on_finger(self) -> tuple[Plane, Plane]:
        """(row, column) from the finger's centre of the skin above each pixel, before it stretches."""
        y, x = _from_centre(*self.shift)
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return cos * y + sin * x, cos * x - sin * y

    def edge(self) -> Plane:
        """Distance from the contact's centre: 1 on its outline, a little squarer than an ellipse."""
        y, x = self.on_finger()
        down, across = np.abs(y - self.roll[0]) / self.axes[0], np.abs(x - self.roll[1]) / self.axes[1]
        return np.asarray((down**2.4 + across**2.4) ** (1 / 2.4), np.float32)


def _from_centre(row: float, column: float) -> tuple[Plane, Plane]:
    """(y, x) of each pixel, in px from a point given from the sensor's centre."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float32)
    return rows - (SHAPE[0] / 2 + row), columns - (SHAPE[1] / 2 + column)
