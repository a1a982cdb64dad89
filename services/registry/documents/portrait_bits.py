"""The same picture again: 256 bits of a portrait that survive another size, other compression and other light. Pure.

Not a template of a face: two photos of one person differ, one photo in two documents does not.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SIDE, _KEPT = 64, 17


def portrait_bits(pixels: NDArray[np.uint8]) -> str:
    """The signs of the lowest frequencies but the very lowest (pHash of 16 by 16).

    Args:
        pixels: uint8 (h, w, 3).

    Returns:
        64 hexadecimal digits.

    Source: Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions (2010), section 3.2.1.
    """
    small = Image.fromarray(pixels).convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    wave = _cosines()
    low = (wave @ np.asarray(small, dtype=np.float64) @ wave.T)[1:_KEPT, 1:_KEPT].ravel()
    return np.packbits(low > np.median(low)).tobytes().hex()


def _cosines() -> NDArray[np.float64]:
    """The first rows of the DCT-II matrix, float64 (17, 64)."""
    row, column = np.mgrid[:_KEPT, :_SIDE]
    waves: NDArray[np.float64] = np.cos(np.pi * row * (2 * column + 1) / (2 * _SIDE))
    return waves
