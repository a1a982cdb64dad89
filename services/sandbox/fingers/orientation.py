"""Ridge orientation of a finger: pattern class, singular points, zero-pole field.

Source: Sherlock and Monro, "A model for interpreting fingerprint topology", Pattern Recognition 26(7), 1993:
the field turns by +1/2 round each loop (a zero) and by -1/2 round each delta (a pole).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from services.sandbox.fingers.smooth import smooth_noise

Complexes = NDArray[np.complex128]
Angles = NDArray[np.float64]


class Pattern(StrEnum):
    """Henry pattern class of a finger."""

    ARCH = "arch"
    TENTED_ARCH = "tented arch"
    LEFT_LOOP = "left loop"
    RIGHT_LOOP = "right loop"
    WHORL = "whorl"
    DOUBLE_LOOP = "double loop"


# Arch, tented arch, left loop, right loop, whorl: 3.7, 2.9, 33.8, 31.7, 27.9 % (Wilson, Candela and Watson,
# "Neural network fingerprint classification", 1994). Their whorl includes double loops: a fifth is taken.
FREQUENCY = {
    Pattern.ARCH: 0.037,
    Pattern.TENTED_ARCH: 0.029,
    Pattern.LEFT_LOOP: 0.338,
    Pattern.RIGHT_LOOP: 0.317,
    Pattern.WHORL: 0.223,
    Pattern.DOUBLE_LOOP: 0.056,
}


@dataclass(frozen=True)
class Singularities:
    """Singular points as complex numbers in px from the finger's centre, x to the right and y up.

    Attributes:
        loops: where a ridge recurves; the field turns by +1/2 round them.
        deltas: where three systems of ridges meet; the field turns by -1/2.
        twist: radians by which ridges between the loops are turned: rings become a spiral, or an S.
    """

    loops: tuple[complex, ...]
    deltas: tuple[complex, ...]
    twist: float = 0.0


def draw_pattern(rng: np.random.Generator) -> Pattern:
    """Draw a pattern class with the frequencies seen in people."""
    weights = np.array(list(FREQUENCY.values()))
    return list(FREQUENCY)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def place_singularities(pattern: Pattern, rng: np.random.Generator) -> Singularities:
    """Draw singular points for a pattern class; an arch has none."""

    def near(x: float, y: float, spread: float) -> complex:
        return complex(x + rng.uniform(-spread, spread), y + rng.uniform(-spread, spread))

    match pattern:
        case Pattern.ARCH:
            return Singularities((), ())
        case Pattern.TENTED_ARCH:
            core = near(0, 15, 10)
            return Singularities((core,), (core + complex(rng.uniform(-12, 12), -rng.uniform(45, 85)),))
        case Pattern.LEFT_LOOP | Pattern.RIGHT_LOOP:
            # The loop opens away from its delta.
            side = 1 if pattern is Pattern.LEFT_LOOP else -1
            return Singularities((near(0, 25, 14),), (near(side * 85, -75, 16),))
        case Pattern.WHORL:
            core, axis = near(0, 18, 10), complex(rng.uniform(-5, 5), rng.uniform(8, 24))
            twist = rng.uniform(-0.5, 0.5)
        case Pattern.DOUBLE_LOOP:
            side = 1 if rng.random() < 0.5 else -1
            core, axis = near(0, 12, 8), complex(side * rng.uniform(8, 18), rng.uniform(26, 36))
            twist = side * rng.uniform(0.7, 1.0)
    return Singularities((core + axis, core - axis), (near(-95, -85, 16), near(95, -85, 16)), twist)


def orientation_field(points: Singularities, shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Ridge orientation at each pixel.

    Args:
        points: the singular points.
        shape: (h, w) in px.
        rng: draws the finger's own slow bends and the height of its arcs.

    Returns:
        float32 (h, w), radians from the x axis, counter-clockwise as seen on the image, in [0, pi).
    """
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    z = (columns - shape[1] / 2) + 1j * (shape[0] / 2 - rows)
    height = rng.uniform(0.35, 0.55) if points.loops else rng.uniform(0.7, 1.0)
    theta = _zero_pole(z, points.loops, points.deltas) + _bend(z, points, height)
    theta += sum((_recurve(z, loop, points, height) for loop in points.loops), start=np.zeros(shape))
    theta += 0.10 * smooth_noise(shape, 60.0, rng)
    return np.mod(theta, np.pi).astype(np.float32)


def _zero_pole(z: Complexes, loops: tuple[complex, ...], deltas: tuple[complex, ...]) -> Angles:
    turns = [np.angle(z - loop) for loop in loops] + [-np.angle(z - delta) for delta in deltas]
    return sum(turns, start=np.zeros(z.shape)) / 2


def _bend(z: Complexes, points: Singularities, height: float) -> Angles:
    """The turns that have no singular point: arcs, and the twist between loops."""
    if not points.loops:
        return _arch(z, height)
    # Ridges rise to the middle and fall off it: far from its points the bare model is too flat.
    arcs = -height * np.arctan(z.real / 70) * _above(z.imag, -90, 35)
    middle = sum(points.loops) / len(points.loops)
    return arcs + points.twist * np.exp(-((np.abs(z - middle) / 50) ** 2))


def _arch(z: Complexes, height: float) -> Angles:
    """Flat at the base, highest in the middle and calmer again towards the tip."""
    wave = np.sin(np.clip(z.real / 120, -1, 1) * np.pi) * np.exp(-(((z.imag + 10) / 110) ** 2))
    return -height * wave - 0.5 * np.arctan(z.real / 90) * _above(z.imag, 40, 30)


def _above(y: Angles, level: float, width: float) -> Angles:
    """0 well below a level, 1 well above it."""
    return 1 / (1 + np.exp(-(y - level) / width))


def _recurve(z: Complexes, loop: complex, points: Singularities, height: float) -> Angles:
    """What turns the parabolas round a zero into what skin does: a round head on parallel legs.

    Source: the piecewise correction of Vizcaya and Gerhardt, "A nonlinear orientation model for global
    description of fingerprints", Pattern Recognition 29(7), 1996.
    """
    others = tuple(other for other in points.loops if other != loop)
    here = np.array([loop])
    rest = _zero_pole(here, others, points.deltas) + _bend(here, points, height)
    head = 2 * rest - np.pi  # the direction in which a ridge lies square to the way from the core
    turn = np.angle((z - loop) * np.exp(-1j * head))
    fade = 0.8 * np.exp(-np.abs(z - loop) / 70)
    return np.asarray(fade * (np.clip(turn, -np.pi / 2, np.pi / 2) - turn / 2))
