"""Which prints have minutiae like the probe's that also lie as the probe's do: votes for how the finger was moved.

A minutia of a print that is like one of the probe's votes for the turn and the shift that would bring the one onto the
other. Votes of a mate fall together, those of strangers are strewn. Bins overlap by half, so that none is cut apart.

Source: the generalised Hough transform, as in D. Maltoni and others, Handbook of Fingerprint Recognition, 4.4.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint.comparison import MAX_TURN
from services.biometrics.fingerprint.cylinders import Cylinders

TURN_BIN_RAD: Final = np.pi / 8
SHIFT_BIN_PX: Final = 48.0
LEAST_VOTES: Final = 2
"""From fewer minutiae nothing follows about how a finger lay."""
_SPAN: Final = 64
"""Bins to a side: more than any two prints can be turned or shifted against each other."""
_WITHOUT_PLACE: Final = 1e-3
"""What a vote is worth wherever it falls: it only orders equals."""
_HALVES: Final = tuple(product((0.0, 0.5), repeat=3))


@dataclass(frozen=True, eq=False)
class Places:
    """Where minutiae of many prints lie, each print around its own centre.

    Attributes:
        print_of: int32 (m,), ascending: which print each minutia is of.
        counts: int32 (n,), minutiae of each print; none is 0.
        x: int16 (m,), pixels from the print's centre.
        y: int16 (m,), pixels from the print's centre, growing upwards.
        direction: float32 (m,), radians.
    """

    print_of: NDArray[np.int32]
    counts: NDArray[np.int32]
    x: NDArray[np.int16]
    y: NDArray[np.int16]
    direction: NDArray[np.float32]

    @classmethod
    def of(cls, cylinders: Cylinders, counts: NDArray[np.int32]) -> "Places":
        """The places of prints that lie side by side; `counts` as above."""
        print_of = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        x, y = (_from_centre(each, counts, print_of) for each in (cylinders.x, -cylinders.y))
        return cls(print_of, counts, x, y, cylinders.direction)

    @classmethod
    def joined(cls, parts: "list[Places]") -> "Places":
        """Many prints side by side, in order; a copy."""
        counts = np.concatenate([part.counts for part in parts])
        print_of = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        x, y = np.concatenate([part.x for part in parts]), np.concatenate([part.y for part in parts])
        return cls(print_of, counts, x, y, np.concatenate([part.direction for part in parts]))

    @property
    def octets(self) -> int:
        """Bytes held."""
        return sum(each.nbytes for each in (self.print_of, self.counts, self.x, self.y, self.direction))


def _from_centre(
    values: NDArray[np.float32], counts: NDArray[np.int32], print_of: NDArray[np.int32]
) -> NDArray[np.int16]:
    means = np.bincount(print_of, values, minlength=len(counts)) / counts
    return np.rint(values - means[print_of]).astype(np.int16)


def tally(
    probe: Places, prints: Places, mine: NDArray[np.intp], theirs: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The prints for which minutiae speak together.

    Args:
        probe: one print.
        prints: the gallery's.
        mine: intp (v,), minutiae of the probe.
        theirs: intp (v,), the minutia of the gallery that is like each.

    Returns:
        (prints, float64 strength of each): most votes in one bin, as a share of the square root of the print's count
        of minutiae: a large print collects more of them by chance.
    """
    turn = probe.direction[mine] - prints.direction[theirs]
    turn -= np.float32(2 * np.pi) * np.rint(turn / np.float32(2 * np.pi))
    print_of = prints.print_of[theirs]
    kept = np.flatnonzero(np.abs(turn) <= MAX_TURN)
    for_each = np.bincount(print_of[kept], minlength=1)
    kept = kept[for_each[print_of[kept]] >= LEAST_VOTES]
    turn, print_of = turn[kept], print_of[kept]
    most = np.zeros(len(for_each))
    for bins in _bins(turn, *_shifts(probe, prints, turn, mine[kept], theirs[kept])):
        _raise_to_fullest(most, print_of, bins)
    named = np.flatnonzero(most)
    strength = most[named] + _WITHOUT_PLACE * for_each[named]
    return named, strength / np.sqrt(prints.counts[named])


def _shifts(
    probe: Places, prints: Places, turn: NDArray[np.float32], mine: NDArray[np.intp], theirs: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    cos, sin = np.cos(turn), np.sin(turn)
    x, y = prints.x[theirs].astype(np.float32), prints.y[theirs].astype(np.float32)
    right, up = probe.x[mine] - (cos * x - sin * y), probe.y[mine] - (sin * x + cos * y)
    return right.astype(np.float32), up.astype(np.float32)


def _bins(turn: NDArray[np.float32], right: NDArray[np.float32], up: NDArray[np.float32]) -> "list[NDArray[np.int64]]":
    """The bin of each vote, once for each of the grids that are half a bin apart."""
    along = [(axis, width) for axis, width in ((turn, TURN_BIN_RAD), (right, SHIFT_BIN_PX), (up, SHIFT_BIN_PX))]
    at = {
        (place, half): np.floor(axis / width + half).astype(np.int64) + _SPAN // 2
        for place, (axis, width) in enumerate(along)
        for half in (0.0, 0.5)
    }
    return [(at[0, a] * _SPAN + at[1, b]) * _SPAN + at[2, c] for a, b, c in _HALVES]


def _raise_to_fullest(most: NDArray[np.float64], print_of: NDArray[np.int32], bins: NDArray[np.int64]) -> None:
    """Let each print have at least the votes of its fullest bin."""
    if not len(bins):
        return
    ordered = np.sort(print_of * np.int64(_SPAN**3) + bins)
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    np.maximum.at(most, ordered[first] // _SPAN**3, np.diff(np.append(first, len(ordered))))
