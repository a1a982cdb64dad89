"""One photo of a drawn head: pose, framing, exposure, blur, sensor noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from services.sandbox.faces.portrait import Light
from services.sandbox.faces.surface import EYE_LINE, HEIGHT, UNIT, WIDTH, Expression, Field

NEUTRAL, STUDIO = Expression(), Light()


@dataclass(frozen=True)
class Shot:
    """How a photo is taken. Angles in radians, shifts in pixels of the canvas."""

    look: Expression = NEUTRAL
    light: Light = STUDIO
    wall: tuple[float, float, float] = (0.80, 0.83, 0.86)
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    gamma: float = 1.0
    blur: float = 0.6
    grain: float = 0.008
    seed: int = 0


def plan(person: int, shot: int) -> Shot:
    """How shot number ``shot`` of a person is taken; shot 0 is the passport portrait."""
    if shot == 0:
        return Shot(seed=person)
    rng = np.random.default_rng([person, shot, 90017])

    def about(spread: float) -> float:
        return float(rng.uniform(-spread, spread))

    wall = 0.55 + about(0.3) + 0.06 * rng.uniform(-1, 1, 3)
    gain = 1 + about(0.07) + 0.03 * rng.uniform(-1, 1, 3)
    return Shot(
        look=Expression(max(about(0.4), 0), max(about(0.02), 0), about(0.06), about(0.4), about(0.3)),
        light=Light((about(0.3) - 0.1, -0.6 + about(0.2), 1.0), 0.6 + about(0.08)),
        wall=(float(wall[0]), float(wall[1]), float(wall[2])),
        yaw=about(0.07),
        pitch=about(0.04),
        roll=about(0.05),
        scale=1 + about(0.05),
        shift=(about(14), about(14)),
        gain=(float(gain[0]), float(gain[1]), float(gain[2])),
        gamma=1 + about(0.10),
        blur=0.7 + about(0.3),
        grain=0.01,
        seed=person * 1009 + shot,
    )


def _sources(shot: Shot, z: Field, skew: tuple[Field, Field]) -> tuple[Field, Field]:
    """For each output pixel, the canvas row and column it shows (small angles, heights seen in parallax)."""
    column = np.arange(WIDTH, dtype=np.float32)[None, :] - (WIDTH / 2 + shot.shift[0])
    row = np.arange(HEIGHT, dtype=np.float32)[:, None] - (EYE_LINE + 40 + shot.shift[1])
    cos, sin = np.cos(shot.roll) / shot.scale, np.sin(shot.roll) / shot.scale
    flat_x = column * cos + row * sin + WIDTH / 2
    flat_y = row * cos - column * sin + EYE_LINE + 40
    # Parallax and skew are smooth: both are found on every fourth pixel.
    flat_x, flat_y = flat_x[::4, ::4], flat_y[::4, ::4]
    depth = gaussian_filter(z, 4)[::4, ::4] * np.float32(UNIT)
    x, y = flat_x, flat_y
    for _ in range(3):
        near = _look_up(depth, y, x)
        x, y = flat_x - near * np.float32(shot.yaw), flat_y - near * np.float32(shot.pitch)
    rows, columns = y + _look_up(skew[0], y, x), x + _look_up(skew[1], y, x)
    return _enlarge(rows), _enlarge(columns)


def _look_up(field: Field, rows: Field, columns: Field) -> Field:
    """Values of a field kept at every fourth pixel, at canvas positions."""
    found: Field = map_coordinates(field, [rows / 4, columns / 4], order=1, mode="nearest")
    return found


def _enlarge(field: Field) -> Field:
    """From every fourth pixel to every pixel, bilinear."""
    grid = np.meshgrid(np.arange(HEIGHT) / 4, np.arange(WIDTH) / 4, indexing="ij")
    full: Field = map_coordinates(field, grid, order=1, mode="nearest")
    return full


def expose(image: Field, z: Field, skew: tuple[Field, Field], shot: Shot) -> NDArray[np.uint8]:
    """Take the photo.

    Args:
        image: the lit picture, float32 (h, w, 3) in 0..1.
        z: its height field (h, w), head units.
        skew: how far this person's features stand from where a symmetric head has them, rows and columns,
            float32 (h / 4, w / 4), pixels.

    Returns:
        uint8 (h, w, 3), RGB.
    """
    rows, columns = _sources(shot, z, skew)
    seen = np.stack(
        [map_coordinates(image[..., c], [rows, columns], order=1, mode="nearest") for c in range(3)], axis=-1
    )
    seen = gaussian_filter(seen, (shot.blur, shot.blur, 0))
    seen = np.clip(seen * np.asarray(shot.gain, np.float32), 0, 1) ** np.float32(shot.gamma)
    rng = np.random.default_rng([shot.seed, 31])
    seen += shot.grain * rng.standard_normal(seen.shape, dtype=np.float32)
    return np.round(np.clip(seen, 0, 1) * 255).astype(np.uint8)
