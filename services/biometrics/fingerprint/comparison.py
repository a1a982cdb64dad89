"""How alike two prints are: cylinder against cylinder, then whether the best pairs agree on how the finger lay.

LSS (local similarity sort) is the mean of the best pairs. LSS-R relaxes: a pair gains when other good pairs stand to
it as in the other print, and loses when they do not. Relaxation starts from all candidate pairs and needs no alignment.

Source: as `cylinders`: bit-based local similarity, LSS and LSS with relaxation, with the constants published there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint.cylinders import DISC, MASK_WORDS, SECTIONS, Cylinders
from services.biometrics.index import hamming_distances

MAX_TURN = np.pi / 2
"""Two prints turned against each other by more are not compared: scanners have an upright."""
MIN_COMMON_CELLS = int(np.ceil(0.6 * DISC.sum()))
MIN_PAIRS, MAX_PAIRS = 4, 12
PAIRS_MIDDLE, PAIRS_SLOPE = 20.0, 0.4
SCORE_DECIMALS = 6
"""What lies beyond depends on where in memory a print was: rounded, so that 1:1 and 1:N say the same number."""
RELAX_STEPS = 5
RELAX_KEEP = 0.5
DISTANCE_PX = (5.0, -8 / 5)
ANGLE_RAD = (np.pi / 12, -30.0)
MAX_DOUBT = 200.0
"""Exponent: three such odds multiplied are still a number, and 1 over it is nothing."""
LIKELY = np.float32(0.36)
"""Pairs above it are sorted for LSS: on FVC2002 set B one in fifteen, and enough of them for all but 1 % of prints."""
_WORK_PAIRS = 1 << 15
"""Pairs handled at once: half a dozen such arrays stay in a core's second-level cache."""
_RELAXED_TOGETHER = 16
"""Candidates relaxed at once: the arrays of some forty pairs each stay in a core's second-level cache, and a search
gives up Python's lock less often."""
_TURN = np.float32(2 * np.pi)
_ALL_LEVELS = 1 + 2 + 4
"""What the levels of `_Counted` are worth together."""


def similarities(a: Cylinders, b: Cylinders) -> NDArray[np.float32]:
    """Local similarity of every cylinder of `a` with every cylinder of `b`.

    Over the cells valid in both: 1 - |a xor b| / (|a| + |b|), with |.| the square root of the count of bits. Zero where
    the directions differ by more than MAX_TURN or fewer than MIN_COMMON_CELLS cells are valid in both.

    Returns:
        float32 (a, b), in [0, 1].
    """
    result = np.empty((len(a), len(b)), dtype=np.float32)
    one, other = _Counted.of(a), _Counted.of(b)
    rows = max(1, _WORK_PAIRS // max(len(b), 1))
    for top in range(0, len(a), rows):
        result[top : top + rows] = _block(one.part(top, top + rows), other)
    return result


@dataclass(frozen=True, eq=False)
class _Counted:
    """Cylinders with what is counted once a cylinder instead of once a pair.

    Attributes:
        cylinders: the cylinders.
        ones: int32 (m,), bits set.
        cells: int32 (m,), valid cells.
        levels: uint64 (m, 4) each: a cell's number of sections set, 0..5, in binary: units, twos, fours.
    """

    cylinders: Cylinders
    ones: NDArray[np.int32]
    cells: NDArray[np.int32]
    levels: tuple[NDArray[np.uint64], ...]

    @classmethod
    def of(cls, cylinders: Cylinders) -> "_Counted":
        return cls(cylinders, cylinders.ones, cylinders.cells, _levels(cylinders.bits))

    def part(self, start: int, stop: int) -> "_Counted":
        cut = slice(start, stop)
        levels = tuple(level[cut] for level in self.levels)
        return _Counted(self.cylinders.part(start, stop), self.ones[cut], self.cells[cut], levels)


def _levels(bits: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], ...]:
    """The sections of each cell added up, 64 cells a word: two full adders and a half one."""
    a, b, c, d, e = np.ascontiguousarray(bits.reshape(-1, SECTIONS, MASK_WORDS).swapaxes(0, 1))
    both, either = a & b, a ^ b
    units, twos = either ^ c, both | (either & c)
    both, either = units & d, units ^ d
    more = both | (either & e)
    return either ^ e, twos ^ more, twos & more


def _block(a: _Counted, b: _Counted) -> NDArray[np.float32]:
    of_a, of_b = a.cylinders, b.cylinders
    ones_a = _ones_within([hamming_distances(level, of_b.valid) for level in a.levels], a.ones[:, None], b.cells)
    ones_b = _ones_within([hamming_distances(of_a.valid, level) for level in b.levels], b.ones, a.cells[:, None])
    differing = hamming_distances(of_a.bits, of_b.bits)
    differing += ones_a  # less the bits that are off the other print: they are no difference
    differing += ones_b
    differing -= a.ones[:, None] + b.ones
    size = _root(ones_a)
    size += _root(ones_b)
    similarity = _root(differing)
    similarity /= np.maximum(size, np.float32(1))
    np.subtract(1, similarity, out=similarity)
    common = a.cells[:, None] + b.cells - hamming_distances(of_a.valid, of_b.valid)  # twice as many
    turn = np.abs(of_a.direction[:, None] - of_b.direction)
    np.minimum(turn, _TURN - turn, out=turn)
    similarity[(common < 2 * MIN_COMMON_CELLS) | (turn > MAX_TURN) | (size == 0)] = 0
    return similarity


def _ones_within(
    apart: list[NDArray[np.int32]], ones: NDArray[np.int32], cells: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Bits of one cylinder on valid cells of the other. |x and y| is (|x| + |y| - |x xor y|) / 2, digit by digit.

    Args:
        apart: int32 (a, b) each, in how many cells each digit of the one's levels differs from the other's valid cells.
        ones: of the one.
        cells: of the other.
    """
    units, twos, fours = apart
    fours <<= 1
    fours += twos
    fours <<= 1
    fours += units
    twice = ones + _ALL_LEVELS * cells
    twice -= fours
    twice >>= 1
    return twice


def _root(counts: NDArray[np.int32]) -> NDArray[np.float32]:
    return np.sqrt(counts, dtype=np.float32, casting="unsafe")


@cache
def pairs_counted(probe: int, gallery: int) -> int:
    """How many of the best pairs the score is the mean of, from the two counts of cylinders: 4 to 12."""
    return int(_pairs_counted(np.array([min(probe, gallery)]))[0])


def _pairs_counted(fewer: NDArray[np.intp]) -> NDArray[np.intp]:
    share = 1 / (1 + np.exp(-PAIRS_SLOPE * (fewer - PAIRS_MIDDLE)))
    counted: NDArray[np.intp] = MIN_PAIRS + np.rint(share * (MAX_PAIRS - MIN_PAIRS)).astype(np.intp)
    return counted


def local_scores(similarity: NDArray[np.float32], offsets: NDArray[np.intp]) -> NDArray[np.float64]:
    """LSS of many templates with one probe: the mean of the best local similarities, before any look at geometry.

    Args:
        similarity: float32 (g, p), the templates' cylinders one template after the other, against the probe's.
        offsets: intp (k + 1,), rows where each template begins and ends.

    Returns:
        float64 (k,), 0..1. Two different fingers have about 0.42, so it only orders the candidates; LSS-R decides.
    """
    probe = similarity.shape[1]
    flat = similarity.ravel()
    likely = np.flatnonzero(flat > LIKELY)
    ends = np.searchsorted(likely, offsets * probe)
    found = np.diff(ends)
    place = np.repeat(np.arange(len(found)), found)
    values = flat[likely]
    ordered = np.append(values[np.argsort(place - values)], np.float32(0)).astype(np.float64)  # best first, by place
    counted = _pairs_counted(np.minimum(np.diff(offsets), probe))
    few = found < counted
    first = np.where(few, 0, ends[:-1])
    spans = np.stack([first, np.minimum(first + counted, len(ordered) - 1)], axis=1)
    scores: NDArray[np.float64] = np.add.reduceat(ordered, spans.ravel())[::2] / counted
    for template in np.flatnonzero(few):
        scores[template] = _local_score(similarity[offsets[template] : offsets[template + 1]], counted[template])
    return scores


def _local_score(similarity: NDArray[np.float32], counted: int) -> float:
    count = min(counted, similarity.size)
    best = np.partition(similarity, similarity.size - count, axis=None)[-count:]
    return float(best.mean())


@dataclass(frozen=True, eq=False)
class Relations:
    """How each two minutiae of a print lie to each other: once a probe, whomever it is compared with.

    Attributes:
        apart: float64 (..., m, m), distance in pixels.
        turn: float64 (..., m, m), difference of their directions.
        bearing: float64 (..., m, m), where the other lies, from the own direction.
    """

    apart: NDArray[np.float64]
    turn: NDArray[np.float64]
    bearing: NDArray[np.float64]

    @classmethod
    def of(cls, print_: Cylinders) -> "Relations":
        """Of all minutiae."""
        return cls.between(*(each.astype(np.float64) for each in (print_.x, -print_.y, print_.direction)))

    @classmethod
    def between(cls, x: NDArray[np.float64], y: NDArray[np.float64], direction: NDArray[np.float64]) -> "Relations":
        """Of minutiae at these places, y upwards, float64 (..., n): of each print of a stack, (..., n, n)."""
        dx, dy = x[..., None, :] - x[..., :, None], y[..., None, :] - y[..., :, None]
        turn = direction[..., :, None] - direction[..., None, :]
        return cls(np.hypot(dx, dy), turn, direction[..., :, None] - np.arctan2(dy, dx))

    def chosen(self, rows: NDArray[np.intp]) -> "Relations":
        """Of the chosen minutiae, intp (..., n), of which one may be there several times."""
        cells = rows[..., :, None], rows[..., None, :]
        return Relations(self.apart[cells], self.turn[cells], self.bearing[cells])


@dataclass(frozen=True, eq=False)
class _BestPairs:
    """The pairs of cylinders that LSS-R starts from, best first; a minutia may be in several.

    Attributes:
        rows: intp (n,), in the probe.
        columns: intp (n,), in the candidate.
        alike: float64 (n,), above 0.
        counted: how many of them the score is the mean of.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    alike: NDArray[np.float64]
    counted: int

    @classmethod
    def of(cls, similarity: NDArray[np.float32]) -> "_BestPairs":
        """As many as the smaller print has cylinders, of `similarities`, float32 (p, g)."""
        count, flat = min(similarity.shape), similarity.ravel()
        least = np.partition(flat, flat.size - count)[flat.size - count]
        among = np.flatnonzero(flat >= max(least, np.finfo(np.float32).tiny))  # few more than count: only ties
        best = among[np.argsort(-flat[among], kind="stable")[:count]]
        rows, columns = np.unravel_index(best, similarity.shape)
        return cls(rows, columns, flat[best].astype(np.float64), pairs_counted(*similarity.shape))


def relaxed_scores(
    probe: Relations, candidates: Sequence[Cylinders], similarity: Sequence[NDArray[np.float32]]
) -> list[float]:
    """LSS-R of some candidates: the mean of those best pairs that the other pairs bear out.

    Args:
        probe: of p cylinders.
        candidates: each g cylinders.
        similarity: float32 (p, g) each, from `similarities`.

    Returns:
        0..1 each; larger is more alike. Not a probability: see `calibration`.
    """
    scores: list[float] = []
    for start in range(0, len(candidates), _RELAXED_TOGETHER):
        some = slice(start, start + _RELAXED_TOGETHER)
        pairs = [_BestPairs.of(each) for each in similarity[some]]
        _, strength = _efficient(probe, candidates[some], pairs)
        counted = [each.counted for each in pairs]
        scores += np.round(strength.sum(axis=1) / counted, SCORE_DECIMALS).tolist()
    return scores


def borne_out(
    probe: Relations, candidate: Cylinders, similarity: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """The pairs of cylinders that LSS-R is the mean of; arguments as of `relaxed_scores`, of one candidate.

    Returns:
        (rows in `probe`, rows in `candidate`, float64 strength of each); empty where there is no second pair.
    """
    pairs = _BestPairs.of(similarity)
    places, strength = (each[0] for each in _efficient(probe, [candidate], [pairs]))
    chosen = places[strength > 0]
    return pairs.rows[chosen], pairs.columns[chosen], strength[strength > 0]


def _efficient(
    probe: Relations, candidates: Sequence[Cylinders], pairs: Sequence[_BestPairs]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The pairs that kept most of their strength, of each candidate: places among its best pairs, most first, and
    strengths, (k, n); 0 beyond those that count, and everywhere where there is no second pair.
    """
    shape = len(pairs), max(len(each.alike) for each in pairs)
    rows, alike = np.zeros(shape, dtype=np.intp), np.zeros(shape)
    places = np.zeros((3, *shape))
    for at, (cylinders, each) in enumerate(zip(candidates, pairs, strict=True)):
        found = len(each.alike)
        rows[at, :found], alike[at, :found] = each.rows, each.alike
        x, y, direction = (values[each.columns] for values in (cylinders.x, cylinders.y, cylinders.direction))
        places[:, at, :found] = x, -y, direction
    strength = _relaxed(probe.chosen(rows), Relations.between(*places), alike)
    kept = np.divide(strength, alike, out=np.full(shape, -1.0), where=alike > 0)
    order = np.argsort(-kept, axis=1, kind="stable")
    ordered = np.take_along_axis(strength, order, axis=1)
    ordered[np.arange(shape[1]) >= np.array([each.counted for each in pairs])[:, None]] = 0
    return order, ordered


def _relaxed(one: Relations, other: Relations, alike: NDArray[np.float64]) -> NDArray[np.float64]:
    """Strengths float64 (k, n) after relaxation, of pairs that begin with `alike`; 0 where that is 0, or alone."""
    there = alike > 0
    others = there.sum(axis=1) - 1
    support = _agreement(one, other)
    support *= (there / np.maximum(others, 1)[:, None])[:, :, None]
    strength = np.where(others[:, None] > 0, alike, 0.0)
    for _ in range(RELAX_STEPS):
        strength = RELAX_KEEP * strength + (1 - RELAX_KEEP) * (support @ strength[:, :, None])[:, :, 0]
    return strength


def compare(probe: Cylinders, candidate: Cylinders) -> float:
    """LSS-R of two prints, 0..1."""
    return relaxed_scores(Relations.of(probe), [candidate], [similarities(probe, candidate)])[0]


def _agreement(one: Relations, other: Relations) -> NDArray[np.float64]:
    """How well each pair fits each other pair (k, n, n): 1 when distance, direction and bearing all do; diagonal 0."""
    doubt = 1 + _doubt(np.abs(one.apart - other.apart), *DISTANCE_PX)
    doubt *= 1 + _doubt(np.abs(_turn(one.turn - other.turn)), *ANGLE_RAD)
    doubt *= 1 + _doubt(np.abs(_turn(one.bearing - other.bearing)), *ANGLE_RAD)
    agreement: NDArray[np.float64] = 1 / doubt
    diagonal = np.arange(agreement.shape[-1])
    agreement[:, diagonal, diagonal] = 0
    return agreement


def _turn(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same angle, between minus half a turn and half a turn."""
    turned: NDArray[np.float64] = angle - 2 * np.pi * np.rint(angle / (2 * np.pi))
    return turned


def _doubt(value: NDArray[np.float64], middle: float, slope: float) -> NDArray[np.float64]:
    """Odds against: 1 / (1 + it) is the sigmoid of the paper, 1/2 in the middle."""
    doubt: NDArray[np.float64] = np.exp(np.minimum(-slope * (value - middle), MAX_DOUBT))
    return doubt
