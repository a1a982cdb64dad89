"""From what a text recogniser saw of a line to one distribution a character of a machine-readable zone. Pure.

A zone is printed at a fixed pitch. A recogniser that knows nothing of it merges fillers and drops characters; placed
on the pitch, each of its columns belongs to one character, and a dropped one is read again where it must stand.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

WIDTHS: Final = (30, 36, 44)
_FEWEST: Final = 20
_SLACK: Final = 2
"""Characters by which the width that is measured may be off."""


@dataclass(frozen=True)
class Peak:
    """A character as a recogniser saw it: which, and at which column."""

    column: float
    symbol: int


def peaks(columns: NDArray[np.float32]) -> list[Peak]:
    """The characters of a line by greedy CTC decoding.

    Args:
        columns: float32 (t, 38), probabilities of blank and of the 37 characters of the zone's alphabet.
    """
    best = columns.argmax(axis=1)
    found: list[Peak] = []
    start = 0
    for at in range(1, len(best) + 1):
        if at < len(best) and best[at] == best[start]:
            continue
        if best[start] != 0:
            found.append(Peak((start + at - 1) / 2, int(best[start]) - 1))
        start = at
    return found


def width_of(found: list[Peak]) -> int | None:
    """How many characters a line of a zone has, by its pitch; None: it is no such line."""
    if len(found) < _FEWEST:
        return None
    if len(found) in WIDTHS:
        return len(found)
    counted = (found[-1].column - found[0].column) / _pitch(found) + 1
    width = min(WIDTHS, key=lambda each: abs(each - counted))
    return width if abs(width - counted) <= _SLACK else None


def _pitch(found: list[Peak]) -> float:
    """Columns a character, by the steps that are of one character: a step over one that was dropped is longer."""
    steps = np.diff([peak.column for peak in found])
    return float(steps[np.abs(steps / np.median(steps) - 1) < 0.4].mean())


def cells(columns: NDArray[np.float32], found: list[Peak], width: int) -> NDArray[np.float64]:
    """What stands at each place of a line.

    Args:
        columns: as for `peaks`.
        found: their peaks.
        width: characters of the line.

    Returns:
        float64 (width, 37), each row a distribution over the zone's alphabet.
    """
    centres, pitch = _centres(found, width, len(columns))
    rows = []
    for centre in centres:
        first = max(int(np.ceil(centre - pitch / 2)), 0)
        last = min(int(np.floor(centre + pitch / 2)) + 1, len(columns))
        seen = columns[first:last, 1:].max(axis=0) if last > first else np.zeros(columns.shape[1] - 1)
        rows.append(seen + 1e-9)
    scores = np.array(rows, dtype=np.float64)
    normal: NDArray[np.float64] = scores / scores.sum(axis=1, keepdims=True)
    return normal


def _centres(found: list[Peak], width: int, length: int) -> tuple[NDArray[np.float64], float]:
    """Where the characters stand: at their peaks when there is one each, else on the pitch, drawn to near peaks."""
    at = np.array([peak.column for peak in found])
    if len(at) == width:
        return at, float(at[-1] - at[0]) / (width - 1)
    pitch = _pitch(found)
    first, last = float(at[0]), float(at[-1])
    for _ in range(width - 1 - round((last - first) / pitch)):  # dropped at an end: where more paper is left
        if first > length - last:
            first -= pitch
        else:
            last += pitch
    even = np.linspace(first, last, width)
    near = at[np.abs(at[None, :] - even[:, None]).argmin(axis=1)]
    return np.where(np.abs(near - even) < 0.4 * pitch, near, even), (last - first) / (width - 1)
