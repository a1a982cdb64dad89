"""Ridges grown from random seeds along an orientation field.

Source: Cappelli, "SFinGe: an approach to synthetic fingerprint generation", 2004: a Gabor filter that follows
the local orientation is applied again and again; ridges spread, and where fronts meet out of step minutiae arise.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

Plane = NDArray[np.float32]

BINS = 16
"""Orientations of the filter bank; between two neighbours the answers are blended."""

SPREAD = 0.46
"""Spread of a filter in frequency, as a share of the ridge frequency. Less gives longer ridges and fewer minutiae."""

ROUNDS = 24
"""Rounds at half resolution: enough to cover the finger from the seeds and to settle."""

FINISH = 2
"""Rounds at full resolution, which round off the enlarged ridges."""


def grow_ridges(theta: Plane, period: float, rng: np.random.Generator) -> Plane:
    """Grow a ridge pattern along an orientation field.

    Args:
        theta: float32 (h, w), h and w even, ridge orientation in radians, counter-clockwise from the x axis.
        period: distance between ridges in px.
        rng: draws the seeds.

    Returns:
        float32 (h, w) in [-1, 1]: 1 on the top of a ridge, -1 at the bottom of a valley.
    """
    coarse = theta[::2, ::2]
    pattern = (rng.standard_normal(coarse.shape) * (rng.random(coarse.shape) < 0.01)).astype(np.float32)
    pattern = _settle(pattern, coarse, period / 2, ROUNDS)
    return _settle(ndimage.zoom(pattern, 2, order=1), theta, period, FINISH)


def _settle(pattern: Plane, theta: Plane, period: float, rounds: int) -> Plane:
    shares = _blend(theta)
    filters = list(_bank(theta.shape, period))
    for _ in range(rounds):
        spectrum = fft.rfft2(pattern)
        grown = np.zeros_like(pattern)
        for share, response in zip(shares, filters, strict=True):
            grown += share * fft.irfft2(spectrum * response, s=pattern.shape)
        pattern = np.tanh(3 * grown)
    return pattern


def _blend(theta: Plane) -> list[Plane]:
    """How much each of the BINS orientations counts at each pixel; linear between neighbours."""
    place = theta * np.float32(BINS / np.pi)
    apart = [np.abs((place - k + BINS / 2) % BINS - BINS / 2) for k in range(BINS)]
    return [np.maximum(0, 1 - distance) for distance in apart]


def _bank(shape: tuple[int, ...], period: float) -> Iterator[Plane]:
    """Frequency responses of real, even Gabor filters, for `scipy.fft.rfft2`."""
    down = -fft.fftfreq(shape[0])[:, None] * period  # rows grow downwards, angles upwards
    across = fft.rfftfreq(shape[1])[None] * period
    for angle in np.arange(BINS) * np.pi / BINS:
        along = across * np.cos(angle) + down * np.sin(angle)
        through = -across * np.sin(angle) + down * np.cos(angle)
        lobes = [np.exp(-((through - side) ** 2 + along**2) / (2 * SPREAD**2)) for side in (-1, 1)]
        response = lobes[0] + lobes[1]
        response[0, 0] = 0
        yield response.astype(np.float32)
