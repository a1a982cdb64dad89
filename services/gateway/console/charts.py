"""Charts as geometry in their own units; the page draws them, in its own colours and words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import Any, Final

WIDTH: Final = 560
HEIGHT: Final = 340
_LEFT: Final = 74
_RIGHT: Final = 32
_TOP: Final = 14
_BOTTOM: Final = 54
_FEWEST: Final = 1e-6
"""Bottom of a histogram's axis at the lowest, as a share."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Tick:
    """A line of the grid, and what its place on the axis is called."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        x, y: lines of the grid.
        lines: a path for each series; None where there is nothing to draw.
        mark: where a threshold lies on the horizontal axis; None: outside.
    """

    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    lines: tuple[str | None, ...]
    mark: float | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def det(trade_off: Sequence[Mapping[str, Any]], threshold: float) -> Chart | None:
    """Detection error trade-off on two logarithmic axes: measured, and extrapolated from the last point measured.

    Args:
        trade_off: of `CalibrationInForce`.
        threshold: score from which a search finds somebody: -log10 of a false match rate.
    """
    known = [each for each in trade_off if each["fnmr"] is not None]
    if len(known) < 2:
        return None
    x = _Axis(floor(log10(known[-1]["fmr"]) + 1e-9), 0, _LEFT, WIDTH - _RIGHT)
    y = _log_axis(each["fnmr"] for each in known)
    points = [(x.at(log10(each["fmr"])), y.at(log10(each["fnmr"]))) for each in known]
    measured = sum(not each["extrapolated"] for each in known)
    lines = (_path(points[:measured]), _path(points[max(measured - 1, 0) :]) if measured < len(known) else None)
    mark = x.at(-threshold) if x.low <= -threshold <= 0 else None
    return Chart(_powers(x), _powers(y), lines, mark)


def histogram(strangers: Sequence[Mapping[str, Any]], mates: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Both spreads between the scores that a calibration keeps: share of pairs per hundredth of the range of scores.

    Args:
        strangers: scores from the median up with the share that reaches each, of `CalibrationInForce`.
        mates: scores up to the median with the share below each.
    """
    scores = [each["score"] for each in (*strangers, *mates)]
    low, high = min(scores), max(scores)
    if low >= high:
        return None
    unit = (high - low) / 100
    spreads = [list(_steps(some, unit)) for some in (strangers, mates)]
    x = _Axis(low, high, _LEFT, WIDTH - _RIGHT)
    y = _log_axis(share for spread in spreads for _, _, share in spread)
    return Chart(_rounded(x), _powers(y), tuple(_outline(spread, x, y) for spread in spreads))


def _steps(tail: Sequence[Mapping[str, Any]], unit: float) -> Iterable[tuple[float, float, float]]:
    """From, to, and the share of pairs for each unit between."""
    for one, other in pairwise(tail):
        share = abs(one["share"] - other["share"]) * unit / (other["score"] - one["score"])
        yield one["score"], other["score"], max(share, _FEWEST)


def _outline(spread: Sequence[tuple[float, float, float]], x: _Axis, y: _Axis) -> str | None:
    if not spread:
        return None
    corners = [(x.at(spread[0][0]), y.start)]
    for start, end, share in spread:
        height = y.at(log10(share))
        corners += [(x.at(start), height), (x.at(end), height)]
    return _path([*corners, (x.at(spread[-1][1]), y.start)]) + "Z"


def _path(points: Sequence[Point]) -> str:
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points) if points else ""


def _log_axis(shares: Iterable[float]) -> _Axis:
    known = list(shares)
    low, high = floor(log10(min(known)) + 1e-9), min(ceil(log10(max(known)) - 1e-9), 0)
    return _Axis(low, max(high, low + 1), HEIGHT - _BOTTOM, _TOP)


def _powers(axis: _Axis) -> tuple[Tick, ...]:
    return tuple(Tick(axis.at(power), _share(power)) for power in range(int(axis.low), int(axis.high) + 1))


def _share(power: int) -> str:
    """A power of ten as per cent: 1 %, 0.01 %."""
    return f"{10.0 ** (power + 2):.{max(-power - 2, 0)}f} %"


def _rounded(axis: _Axis) -> tuple[Tick, ...]:
    """About five round values."""
    rough = (axis.high - axis.low) / 5
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    places = range(ceil(axis.low / step), floor(axis.high / step) + 1)
    return tuple(Tick(axis.at(place * step), f"{round(place * step, 10):g}") for place in places)
