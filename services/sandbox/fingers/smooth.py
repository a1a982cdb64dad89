"""Smooth random fields, made on a coarse grid and enlarged."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline


def smooth_noise(shape: tuple[int, int], scale: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """A smooth random field.

    Args:
        shape: (h, w) in px.
        scale: distance in px over which the field changes.
        rng: source of the grid's values.

    Returns:
        float32 (h, w), mean about 0, standard deviation about 1 at the grid's nodes.
    """
    down, across = (_enlarger(side, scale) for side in shape)
    grid = rng.standard_normal((down.shape[1], across.shape[1])).astype(np.float32)
    return np.asarray(down @ grid @ across.T, np.float32)


def _enlarger(side: int, scale: float) -> NDArray[np.float32]:
    """Matrix float32 (side, nodes): cubic splines through nodes `scale` px apart, one node beyond each end."""
    nodes = math.ceil(side / scale) + 3
    spline = CubicSpline(np.arange(nodes), np.eye(nodes))
    return np.asarray(spline(np.arange(side) / scale + 1), np.float32)
