"""Minutia Cylinder-Code: what surrounds each minutia, as bits that do not change when the finger turns.

A cylinder stands on a minutia, turned to its direction. Its base is a disc of radius 70 px cut in a 16 x 16
grid, its height five sections of direction difference. A bit is set where neighbouring minutiae, blurred, add
up to enough. Cells outside the print (convex hull of the minutiae, enlarged) are not valid and always 0.

Source: R. Cappelli, M. Ferrara, D. Maltoni, "Minutia Cylinder-Code: A New Representation and Matching Technique
for Fingerprint Recognition", IEEE TPAMI 32 (12), 2010: the bit-based variant on a 16 x 16 grid.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError
from scipy.special import ndtr

from services.biometrics.fingerprint.minutiae import FingerNotUsableError, Minutiae

RADIUS_PX = 70.0
GRID = 16
SECTIONS = 5
SIGMA_PX = 28 / 3
SIGMA_RAD = 2 * np.pi / 9
SET_FROM = 0.01
"""Blurred mass from which a bit is set. Half or half as much again changes little on FVC2002 set B."""
HULL_MARGIN_PX = 50.0
MIN_VALID_SHARE = 0.75
MIN_NEIGHBOURS = 2
MIN_CYLINDERS = 6
"""Fewer give scores that say nothing: the mean of the best four pairs would be taken from nearly all there are."""
_CHUNK = 32  # cylinders built at once: bounds memory to a few MB

_side = (np.arange(GRID) - (GRID - 1) / 2) * (2 * RADIUS_PX / GRID)
_grid = np.stack(np.meshgrid(_side, _side, indexing="ij"), axis=-1).reshape(-1, 2)
DISC = np.hypot(*_grid.T) <= RADIUS_PX
"""bool (256,): cells of the grid whose centre lies in the disc."""
CELLS = _grid[DISC]
"""float64 (c, 2): centres of the disc's cells, px, along and across the minutia's direction."""
MASK_WORDS = GRID * GRID // 64
BIT_WORDS = SECTIONS * MASK_WORDS


@dataclass(frozen=True, eq=False)
class Cylinders:
    """The cylinders of one print, or of many prints side by side.

    A cylinder's words lie together in memory. Bit b of word w is cell 64 w + b.

    Attributes:
        bits: uint64 (m, 20), five sections of four words, each section laid out as `valid`; 0 where not valid.
        valid: uint64 (m, 4), cells of the base that lie on the print.
        x: float32 (m,), of the minutia, pixels at 500 dpi.
        y: float32 (m,), of the minutia, pixels at 500 dpi, growing downwards.
        direction: float32 (m,), of the minutia, radians.
    """

    bits: NDArray[np.uint64]
    valid: NDArray[np.uint64]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    direction: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.x)

    @cached_property
    def ones(self) -> NDArray[np.int32]:
        """int32 (m,), bits set in each."""
        ones: NDArray[np.int32] = np.bitwise_count(self.bits).sum(axis=1, dtype=np.int32)
        return ones

    @cached_property
    def cells(self) -> NDArray[np.int32]:
        """int32 (m,), valid cells of each."""
        cells: NDArray[np.int32] = np.bitwise_count(self.valid).sum(axis=1, dtype=np.int32)
        return cells

    def part(self, start: int, stop: int) -> "Cylinders":
        """The cylinders from `start` up to `stop`, sharing memory."""
        cut = slice(start, stop)
        return Cylinders(self.bits[cut], self.valid[cut], self.x[cut], self.y[cut], self.direction[cut])

    @staticmethod
    def joined(parts: "list[Cylinders]") -> "Cylinders":
        """Many prints side by side, in order; a copy."""
        return Cylinders(
            np.concatenate([p.bits for p in parts]),
            np.concatenate([p.valid for p in parts]),
            np.concatenate([p.x for p in parts]),
            np.concatenate([p.y for p in parts]),
            np.concatenate([p.direction for p in parts]),
        )


def build(minutiae: Minutiae) -> tuple[Cylinders, NDArray[np.uint8]]:
    """The valid cylinders of a print, and the minutia that each stands on.

    Returns:
        (cylinders, owner): owner uint8 (m,), ascending indices into `minutiae`.

    Raises:
        FingerNotUsableError: TOO_FEW_MINUTIAE, when fewer than MIN_CYLINDERS remain.
    """
    if len(minutiae) < MIN_CYLINDERS:
        raise FingerNotUsableError("TOO_FEW_MINUTIAE")
    points = np.stack([minutiae.x, -minutiae.y], axis=1).astype(np.float64)  # y upwards, as the directions turn
    angles = minutiae.direction.astype(np.float64)
    hull = _hull(points)
    chunks = [_chunk(points, angles, hull, start) for start in range(0, len(points), _CHUNK)]
    bits, valid, keep = (np.concatenate(part) for part in zip(*chunks, strict=True))
    owner = np.flatnonzero(keep).astype(np.uint8)
    if len(owner) < MIN_CYLINDERS:
        raise FingerNotUsableError("TOO_FEW_MINUTIAE")
    cylinders = Cylinders(
        _packed(bits[owner]),
        _packed(valid[owner][:, None]),
        minutiae.x[owner],
        minutiae.y[owner],
        minutiae.direction[owner],
    )
    return cylinders, owner


def _chunk(
    points: NDArray[np.float64], angles: NDArray[np.float64], hull: NDArray[np.float64], start: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Bits (k, 5, c), valid cells (k, c) and which to keep (k,), for the minutiae from `start` on."""
    own = np.arange(start, min(start + _CHUNK, len(points)))
    cells = points[own, None] + _turned(CELLS, angles[own])
    valid = _distance_outside(cells, hull) <= HULL_MARGIN_PX
    mass = _spatial(cells, points, own) @ _directional(angles, own)
    apart = np.hypot(*(points[own, None] - points).transpose(2, 0, 1))
    neighbours = (apart <= RADIUS_PX + 3 * SIGMA_PX).sum(axis=1) - 1
    keep = (valid.mean(axis=1) >= MIN_VALID_SHARE) & (neighbours >= MIN_NEIGHBOURS)
    return (mass.transpose(0, 2, 1) >= SET_FROM) & valid[:, None], valid, keep


def _turned(cells: NDArray[np.float64], angles: NDArray[np.float64]) -> NDArray[np.float64]:
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    along, across = cells[:, 0], cells[:, 1]
    return np.stack([cos * along - sin * across, sin * along + cos * across], axis=-1)


def _spatial(cells: NDArray[np.float64], points: NDArray[np.float64], own: NDArray[np.intp]) -> NDArray[np.float64]:
    """What each minutia adds to each cell by its place: (k, c, n). Gaussian density, cut at three sigma."""
    squared = (cells[:, :, None, 0] - points[:, 0]) ** 2 + (cells[:, :, None, 1] - points[:, 1]) ** 2
    squared[np.arange(len(own)), :, own] = np.inf  # a minutia is no neighbour of its own
    density = np.exp(squared / (-2 * SIGMA_PX**2)) / (SIGMA_PX * np.sqrt(2 * np.pi))
    return np.where(squared <= (3 * SIGMA_PX) ** 2, density, 0.0)


def _directional(angles: NDArray[np.float64], own: NDArray[np.intp]) -> NDArray[np.float64]:
    """What each minutia adds to each section by its direction: (k, n, 5). Gaussian mass in the section."""
    width = 2 * np.pi / SECTIONS
    centres = (np.arange(SECTIONS) + 0.5) * width - np.pi
    difference = angles[own, None] - angles
    off = (centres - difference[:, :, None] + np.pi) % (2 * np.pi) - np.pi
    mass: NDArray[np.float64] = ndtr((off + width / 2) / SIGMA_RAD) - ndtr((off - width / 2) / SIGMA_RAD)
    return mass


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners of the convex hull, counter-clockwise, (h, 2)."""
    try:
        corners: NDArray[np.float64] = points[ConvexHull(points).vertices]
    except QhullError as error:  # all on one line: no print looks so
        raise FingerNotUsableError("TOO_FEW_MINUTIAE") from error
    return corners


def _distance_outside(cells: NDArray[np.float64], hull: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance in px of each cell (k, c, 2) from the hull, 0 within."""
    edges = np.roll(hull, -1, axis=0) - hull
    to_cell = cells[:, :, None] - hull
    along = np.clip((to_cell * edges).sum(-1) / (edges**2).sum(-1), 0, 1)
    gap = to_cell - along[..., None] * edges
    nearest = np.sqrt((gap**2).sum(-1).min(-1))
    left_of_all = (edges[:, 0] * to_cell[..., 1] - edges[:, 1] * to_cell[..., 0] >= 0).all(-1)
    return np.where(left_of_all, 0.0, nearest)


def _packed(cells: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Words (m, sections * 4) from the disc's cells (m, sections, c)."""
    square = np.zeros((*cells.shape[:2], GRID * GRID), dtype=np.bool_)
    square[:, :, DISC] = cells
    octets = np.packbits(square, axis=-1, bitorder="little").reshape(len(cells), -1)
    return octets.view("<u8").astype(np.uint64)
