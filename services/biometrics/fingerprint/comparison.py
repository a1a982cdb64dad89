"""How alike two prints are: cylinder against cylinder, then whether the best pairs agree on how the finger lay.

LSS (local similarity sort) is the mean of the best pairs. LSS-R relaxes: a pair gains when other good pairs stand to
it as in the other print, and loses when they do not. Relaxation starts from all candidate pairs and needs no alignment.

Source: as `cylinders`: bit-based local similarity, LSS and LSS with relaxation, with the constants published there.
"""

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint.cylinders import BIT_WORDS, DISC, MASK_WORDS, SECTIONS, Cylinders

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
_WORK_WORDS = 1 << 16
"""Words of 64 bits handled at once: three such arrays stay in a core's second-level cache."""


def similarities(probe: Cylinders, gallery: Cylinders) -> NDArray[np.float32]:
    """Local similarity of every cylinder of the probe with every cylinder of the gallery.

    Over the cells valid in both: 1 - |a xor b| / (|a| + |b|), with |.| the square root of the count of bits. Zero where
    the directions differ by more than MAX_TURN or fewer than MIN_COMMON_CELLS cells are valid in both.

    Returns:
        float32 (p, g), in [0, 1].
    """
    result = np.empty((len(probe), len(gallery)), dtype=np.float32)
    wide = min(len(gallery), _WORK_WORDS // BIT_WORDS)
    for left in range(0, len(gallery), max(wide, 1)):
        some = gallery.part(left, left + wide)
        rows = max(1, _WORK_WORDS // (BIT_WORDS * len(some)))
        for top in range(0, len(probe), rows):
            result[top : top + rows, left : left + wide] = _block(probe.part(top, top + rows), some)
    return result


def _block(probe: Cylinders, gallery: Cylinders) -> NDArray[np.float32]:
    a = probe.bits.T.reshape(-1, SECTIONS, MASK_WORDS, 1)
    b = gallery.bits.reshape(1, SECTIONS, MASK_WORDS, -1)
    valid_a = probe.valid.T.reshape(-1, 1, MASK_WORDS, 1)
    valid_b = gallery.valid.reshape(1, 1, MASK_WORDS, -1)
    both, ones_a, ones_b = _ones(a & b), _ones(a & valid_b), _ones(b & valid_a)  # bits off the print are 0
    size = np.sqrt(ones_a) + np.sqrt(ones_b)
    similarity: NDArray[np.float32] = 1 - np.sqrt(ones_a + ones_b - 2 * both) / np.maximum(size, np.float32(1))
    turn = np.abs(probe.direction[:, None] - gallery.direction)
    turn = np.minimum(turn, np.float32(2 * np.pi) - turn)
    similarity[(_ones(valid_a & valid_b) < MIN_COMMON_CELLS) | (turn > MAX_TURN) | (size == 0)] = 0
    return similarity


def _ones(words: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Bits set in (p, sections, words, g): float32 (p, g). A section has at most DISC.sum() < 256: fits a byte."""
    by_section = np.add.reduce(np.bitwise_count(words), axis=2, dtype=np.uint8)
    ones: NDArray[np.uint16] = np.add.reduce(by_section, axis=1, dtype=np.uint16)
    return ones.astype(np.float32)


def pairs_counted(probe: int, gallery: int) -> int:
    """How many of the best pairs the score is the mean of, from the two counts of cylinders: 4 to 12."""
    share = 1 / (1 + np.exp(-PAIRS_SLOPE * (min(probe, gallery) - PAIRS_MIDDLE)))
    return MIN_PAIRS + round(float(share) * (MAX_PAIRS - MIN_PAIRS))


def local_score(similarity: NDArray[np.float32]) -> float:
    """LSS: the mean of the best local similarities, before any look at geometry.

    Args:
        similarity: float32 (p, g), one probe against one template.

    Returns:
        0..1. Two different fingers have about 0.42, so it only orders the candidates; LSS-R decides.
    """
    count = min(pairs_counted(*similarity.shape), similarity.size)
    best = np.partition(similarity, similarity.size - count, axis=None)[-count:]
    return float(best.mean())


def relaxed_score(probe: Cylinders, candidate: Cylinders, similarity: NDArray[np.float32]) -> float:
    """LSS-R: the mean of those best pairs that the other pairs bear out.

    Args:
        probe: p cylinders.
        candidate: g cylinders.
        similarity: float32 (p, g), from `similarities`.

    Returns:
        0..1; larger is more alike. Not a probability: see `calibration`.
    """
    chosen = _best_pairs(similarity, min(similarity.shape))
    start = similarity[chosen].astype(np.float64)
    if len(start) < 2:
        return 0.0
    support = _agreement(probe, candidate, *chosen) / (len(start) - 1)
    strength = start
    for _ in range(RELAX_STEPS):
        strength = RELAX_KEEP * strength + (1 - RELAX_KEEP) * (support @ strength)
    count = pairs_counted(*similarity.shape)
    efficient = np.argsort(-strength / start, kind="stable")[:count]
    return round(float(strength[efficient].sum() / count), SCORE_DECIMALS)


def compare(probe: Cylinders, candidate: Cylinders) -> float:
    """LSS-R of two prints, 0..1."""
    return relaxed_score(probe, candidate, similarities(probe, candidate))


def _best_pairs(similarity: NDArray[np.float32], count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the `count` best pairs above zero, best first; a minutia may be in several."""
    flat = similarity.ravel()
    best = np.argsort(-flat, kind="stable")[:count]
    rows, columns = np.unravel_index(best[flat[best] > 0], similarity.shape)
    return rows, columns


def _agreement(
    probe: Cylinders, candidate: Cylinders, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.float64]:
    """How well each pair fits each other pair (n, n): 1 when distance, direction and bearing all do; diagonal 0."""
    apart_a, turn_a, bearing_a = _relations(probe, rows)
    apart_b, turn_b, bearing_b = _relations(candidate, columns)
    distance = _sigmoid(np.abs(apart_a - apart_b), *DISTANCE_PX)
    direction = _sigmoid(np.abs(_turn(turn_a - turn_b)), *ANGLE_RAD)
    agreement = distance * direction * _sigmoid(np.abs(_turn(bearing_a - bearing_b)), *ANGLE_RAD)
    np.fill_diagonal(agreement, 0)
    return agreement


def _relations(print_: Cylinders, chosen: NDArray[np.intp]) -> tuple[NDArray[np.float64], ...]:
    """Between each two of the chosen minutiae (n, n): distance, direction difference, bearing from own direction."""
    x, y = print_.x[chosen].astype(np.float64), -print_.y[chosen].astype(np.float64)
    direction = print_.direction[chosen].astype(np.float64)
    dx, dy = x[None] - x[:, None], y[None] - y[:, None]
    return np.hypot(dx, dy), direction[:, None] - direction, direction[:, None] - np.arctan2(dy, dx)


def _turn(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return (angle + np.pi) % (2 * np.pi) - np.pi


def _sigmoid(value: NDArray[np.float64], middle: float, slope: float) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(np.minimum(-slope * (value - middle), 500)))
