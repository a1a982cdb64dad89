"""The grid that rows are rounded to: along the gallery's principal axes, finer where it matters more.

A code is a string of bits; each belongs to an axis and stands for a power of two of its steps. So a probe's score of a
code is a sum over its bits, which faiss looks up four bits at a time (FastScan, after F. André, A.-M. Kermarrec,
N. Le Scouarnec, VLDB 2015).

Nobody is missed, whatever the vectors are like: the grid's origin is drawn at random, and neither rows nor probes are
chosen by who knows it (subtractive dither: R. M. Gray, T. G. Stockham, IEEE Trans. IT 39(3), 1993). So the rounding
errors of a row are uniform over a step each, and independent. Their sum with a probe's weights has a variance that is
known, σ², and exceeds t with a probability of at most exp(-t²/2σ²): every moment of a uniform variable is below that of
a normal one of its variance (H. Chernoff's bound). The rounding of a table is treated likewise. What lies beside the
axes counts with its whole length (Cauchy-Schwarz). Rows outside the span of the sample have no code: they are apart.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.biometrics.index.blocks import Floats, rounding

Codes = NDArray[np.uint8]

SLACK_SIGMAS: Final = float(np.sqrt(2 * np.log(1e9)))
"""One row in a billion is further off than its bound says."""

_NARROW: Final = 192
_LENGTH_BITS: Final = 4
_FEWEST_BITS: Final = 2
_MOST_BITS: Final = 8
_MARGIN: Final = 1.15
"""Around what the sample spans."""
_WIDEST: Final = 254
_ENTRIES: Final = ((np.arange(16)[:, np.newaxis] >> np.arange(4)) & 1).astype(np.float32)


def lookups(dimension: int) -> int:
    """Groups of four bits in a code, half as many bytes.

    Fewer are scanned sooner, and leave more rows to be compared (measured at a million of 128 and of 512).
    """
    return 64 if dimension <= _NARROW else 160


class Tables(NamedTuple):
    """What a scan needs of q probes: a row's similarity is at most sum * unit + base.

    Attributes:
        entries: whole numbers 0 to 255, float32 (q, 16 lookups).
        unit: float64 (q,).
        base: float64 (q,), with `slack`.
        slack: float64 (q,), what the sum may be too low by.
    """

    entries: Floats
    unit: NDArray[np.float64]
    base: NDArray[np.float64]
    slack: NDArray[np.float64]


class Grid:
    """Axes, steps and bits for the rows of one run.

    Columns of a code are the axes, the length of what lies beside them, and one of zeros that fills it up.
    """

    def __init__(self, sample: Floats, random: np.random.Generator) -> None:
        """Lay it.

        Args:
            sample: float32 (n, dimension), unit norm, of all parts of the run; n >= 1.
            random: draws the origins; must not have been seen by who chose the rows or probes.
        """
        self.lookups = lookups(sample.shape[1])
        self._mean: Floats = sample.mean(axis=0)
        turned = _axes(sample, self._mean)
        rows, probes = (sample - self._mean) @ turned, sample @ turned  # a probe is a face as a row is
        low, high = _span(rows)
        weights = np.mean(np.square(probes), axis=0) * np.square(high - low) / 12
        lengths = np.sqrt(np.cumsum(np.square([rows, probes])[:, :, ::-1], axis=2)[:, :, ::-1])
        beside = np.append(np.mean(lengths[0] * lengths[1], axis=0), 0.0)
        bits = _allotted(weights, beside, 4 * self.lookups - _LENGTH_BITS)
        axes = len(bits)
        self._axes: Floats = np.ascontiguousarray(turned[:, :axes])
        self._step = ((high - low)[:axes] / (2.0**bits - 1)).astype(np.float32)
        self._origin = low[:axes] - (random.random(axes) * self._step).astype(np.float32)
        self._low, self._high = low[:axes], high[:axes]
        self._top = 2.0**bits - 1
        longest = np.append(lengths[0].max(axis=0), 0.0)
        longest = np.sqrt(np.square(longest[axes]) + rounding(len(low)) * np.square(longest[0]))
        self._length_step = max(_MARGIN * float(longest), 1e-9) / (2**_LENGTH_BITS - 1)
        usual = np.append(np.sqrt(np.mean(np.square(probes[:, :axes]), axis=0)) * self._step, beside[axes] ** 0.5)
        self._column, self._power = _places(usual, np.append(bits, _LENGTH_BITS), 4 * self.lookups)
        self._offsets = random.random((self.lookups, 1), dtype=np.float32)

    def encode(self, vectors: Floats) -> tuple[Codes, NDArray[np.bool_]]:
        """Codes, uint8 (n, lookups / 2), and which rows these do not hold for: bool (n,)."""
        rows = vectors - self._mean
        inside = rows @ self._axes
        out = ((inside < self._low) | (inside > self._high)).any(axis=1)
        levels = np.floor((inside - self._origin) / self._step)
        squares = np.einsum("ij,ij->i", rows, rows)
        beside = squares - np.einsum("ij,ij->i", inside, inside) + rounding(rows.shape[1]) * squares
        length = np.ceil(np.sqrt(np.maximum(beside, 0)) / self._length_step)
        out |= length >= 2**_LENGTH_BITS
        columns = np.zeros((len(rows), levels.shape[1] + 2), dtype=np.uint8)
        columns[:, :-2] = np.clip(levels, 0, self._top)
        columns[:, -2] = np.minimum(length, 2**_LENGTH_BITS - 1)
        return np.packbits((columns[:, self._column] >> self._power) & 1, axis=1, bitorder="little"), out

    def tables(self, probes: Floats) -> Tables:
        """For some probes, float32 (q, dimension)."""
        inside = probes @ self._axes
        beside = np.linalg.norm(probes - inside @ self._axes.T, axis=1)[:, np.newaxis]
        steps = inside * self._step
        columns = np.hstack([steps, beside * self._length_step, np.zeros_like(beside)])
        bits = columns[:, self._column] * np.exp2(self._power, dtype=np.float32)
        exact = bits.reshape(len(probes), self.lookups, 4) @ _ENTRIES.T
        least = exact.min(axis=2, keepdims=True)
        exact -= least
        flat = exact.reshape(len(probes), -1)
        unit = np.maximum(flat.max(axis=1), 1e-9) / _WIDEST
        entries = np.floor(exact / unit[:, np.newaxis, np.newaxis] + self._offsets).reshape(flat.shape)
        # faiss stretches a table to 255: so it is, by a unit that a row may have too much but not too little.
        entries[np.arange(len(probes)), flat.argmax(axis=1)] = 255
        sigma = np.sqrt(np.sum(np.square(steps), axis=1) / 12 + self.lookups * np.square(unit) / 12)
        base = probes @ self._mean + inside @ (self._origin + self._step / 2) + least.sum(axis=(1, 2))
        base = base + unit * (self.lookups / 2 - self._offsets.sum())
        slack = SLACK_SIGMAS * sigma + 3 * rounding(probes.shape[1])
        return Tables(entries, *(each.astype(np.float64) for each in (unit, base + slack, slack)))


def _axes(sample: Floats, mean: Floats) -> Floats:
    """The mean's own axis, which weighs most in a probe; then the principal ones at right angles to it."""
    first = mean / max(float(np.linalg.norm(mean)), 1e-9)
    own = sample - mean
    own = own - np.outer(own @ first, first)
    spread = (own.T @ own).astype(np.float64) / len(own)
    turned: Floats = np.linalg.eigh(spread + np.outer(first, first) * (1 + np.trace(spread)))[1][:, ::-1]
    return np.ascontiguousarray(turned, dtype=np.float32)


def _span(rows: Floats) -> tuple[Floats, Floats]:
    low, high = rows.min(axis=0), rows.max(axis=0)
    margin = (_MARGIN - 1) / 2 * (high - low) + np.float32(1e-6)
    return low - margin, high + margin


def _allotted(weights: Floats, beside: Floats, bits: int) -> NDArray[np.int64]:
    """Bits of each axis, the first ones only: as many axes as bring the bound nearest.

    Args:
        weights: variance of the score, were an axis rounded to its whole span.
        beside: what is added to the bound on average, when only the first axes are coded, for each number of them.
        bits: in all.
    """
    of = np.arange(_FEWEST_BITS, _MOST_BITS + 1)
    errors = weights[:, np.newaxis] / np.square(2.0**of - 1)
    gains = -np.diff(errors, axis=1)
    best: tuple[float, NDArray[np.int64]] = (np.inf, np.zeros(0, np.int64))
    for axes in range(1, min(len(weights), bits // _FEWEST_BITS) + 1):
        more = min(bits - _FEWEST_BITS * axes, gains[:axes].size)
        order = np.argsort(gains[:axes], axis=None)[::-1][:more]
        variance = errors[:axes, 0].sum() - gains[:axes].ravel()[order].sum()
        bound = SLACK_SIGMAS * float(np.sqrt(max(variance, 0.0))) + float(beside[axes])
        if bound < best[0]:
            best = bound, _FEWEST_BITS + np.bincount(order // gains.shape[1], minlength=axes)
    return best[1]


def _places(usual: Floats, bits: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], Codes]:
    """The column and power of each bit of a code: heavy ones lie with light ones, which keeps the tables narrow."""
    column = np.repeat(np.arange(len(bits)), bits)
    power = np.concatenate([np.arange(each) for each in bits])
    heaviest = np.argsort(-(usual[column] * 2.0**power), kind="stable")
    filled = np.concatenate([heaviest, np.full(count - len(heaviest), -1)]).reshape(4, -1)
    filled[1::2] = filled[1::2, ::-1].copy()
    order = filled.T.ravel()
    return np.append(column, len(bits))[order], np.append(power, 0)[order].astype(np.uint8)
