"""Charts as inline SVG, drawn here: no script, no font, no file from elsewhere. Colours come from the page's styles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

import numpy as np
from numpy.typing import NDArray

_WIDTH: Final = 720
_HEIGHT: Final = 400
_LEFT: Final = 72
_RIGHT: Final = 20
_TOP: Final = 20
_BOTTOM: Final = 56
_SERIES: Final = 6
"""Colours that the page's styles define, series-0 and so on."""

Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Histogram:
    """How scores are spread.

    Attributes:
        edges: float64 (n + 1,), rising.
        mates: (n,), counts.
        strangers: (n,), counts.
    """

    edges: NDArray[np.float64]
    mates: NDArray[np.int64]
    strangers: NDArray[np.int64]


@dataclass(frozen=True)
class _Axis:
    """From values to pixels along one side of the plot."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def det_chart(curves: Sequence[tuple[str, Sequence[Point]]], across: str, up: str) -> str:
    """Detection error trade-off curves on two logarithmic axes.

    Args:
        curves: name and (false positive rate, false negative rate) points of each; a rate of 0 lies on the edge.
        across: what the horizontal axis says.
        up: what the vertical axis says.
    """
    points = [point for _, some in curves for point in some]
    x = _log_axis((rate for rate, _ in points), _LEFT, _WIDTH - _RIGHT)
    y = _log_axis((rate for _, rate in points), _HEIGHT - _BOTTOM, _TOP)
    parts = [*_decades(x, y, across, up), _diagonal(x, y)]
    for number, (_, some) in enumerate(curves):
        path = " ".join(f"{x.at(_log(a)):.1f},{y.at(_log(b)):.1f}" for a, b in some)
        parts.append(f'<polyline class="line series-{number % _SERIES}" points="{path}"/>')
    names = "; ".join(f"{name}: {_spoken(some)}" for name, some in curves)
    return _legend([name for name, _ in curves]) + _svg(f"{up} against {across}", names, parts)


def histogram_chart(histogram: Histogram, across: str) -> str:
    """Both spreads, each as a share of its own comparisons, so that few mates are seen beside many strangers."""
    shares = [counts / max(int(counts.sum()), 1) for counts in (histogram.strangers, histogram.mates)]
    used = np.flatnonzero(shares[0] + shares[1])
    first, last = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, len(shares[0]))
    x = _Axis(float(histogram.edges[first]), float(histogram.edges[last]), _LEFT, _WIDTH - _RIGHT)
    y = _Axis(0.0, float(max(share.max() for share in shares)) or 1.0, _HEIGHT - _BOTTOM, _TOP)
    parts = _linear(x, y, across, "share of comparisons, %")
    for number, share in enumerate(shares):
        outline = [(float(histogram.edges[first]), 0.0)]
        for place in range(first, last):
            outline += [(float(edge), float(share[place])) for edge in histogram.edges[place : place + 2]]
        outline.append((float(histogram.edges[last]), 0.0))
        path = " ".join(f"{x.at(a):.1f},{y.at(b):.1f}" for a, b in outline)
        parts.append(f'<polygon class="area series-{number}" points="{path}"/>')
    middles = [_median(histogram.edges, counts) for counts in (histogram.strangers, histogram.mates)]
    spoken = f"median of strangers {middles[0]:.3g}, of mates {middles[1]:.3g}"
    return _legend(["different people", "same person"]) + _svg("How scores are spread", spoken, parts)


def _svg(title: str, description: str, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"><title>{escape(title)}</title>'
        f"<desc>{escape(description)}</desc>{''.join(parts)}</svg>"
    )


def _legend(names: Sequence[str]) -> str:
    items = "".join(
        f'<li><span class="key series-{number % _SERIES}"></span>{escape(name)}</li>'
        for number, name in enumerate(names)
    )
    return f'<ul class="legend">{items}</ul>'


def _log(rate: float) -> float:
    return log10(rate) if rate > 0 else -99.0


def _log_axis(rates: Iterable[float], start: float, end: float) -> _Axis:
    known = [rate for rate in rates if rate > 0]
    low = floor(log10(min(known))) if known else -1
    high = min(ceil(log10(max(known))), 0) if known else 0
    return _Axis(low, max(high, low + 1), start, end)


def _decades(x: _Axis, y: _Axis, across: str, up: str) -> list[str]:
    parts = []
    for power in range(int(x.low), int(x.high) + 1):
        parts += _vertical(x.at(power), _power(power))
    for power in range(int(y.low), int(y.high) + 1):
        parts += _horizontal(y.at(power), _power(power))
    return parts + _names(across, up)


def _linear(x: _Axis, y: _Axis, across: str, up: str) -> list[str]:
    parts = []
    for value in _round_steps(x.low, x.high):
        parts += _vertical(x.at(value), f"{value:g}")
    for value in _round_steps(y.low, 100 * y.high):
        parts += _horizontal(y.at(value / 100), f"{value:g}")
    return parts + _names(across, up)


def _vertical(at: float, label: str) -> list[str]:
    return [
        f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>',
        f'<text x="{at:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{label}</text>',
    ]


def _horizontal(at: float, label: str) -> list[str]:
    return [
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>',
        f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{label}</text>',
    ]


def _names(across: str, up: str) -> list[str]:
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    across_at = f'x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 14}"'
    up_at = f'x="18" y="{middle}" transform="rotate(-90 18 {middle})"'
    return [
        f'<text class="axis" text-anchor="middle" {at}>{escape(name)}</text>'
        for at, name in ((across_at, across), (up_at, up))
    ]


def _diagonal(x: _Axis, y: _Axis) -> str:
    """Where both rates are equal."""
    low, high = max(x.low, y.low), min(x.high, y.high)
    if low >= high:
        return ""
    ends = f'x1="{x.at(low):.1f}" y1="{y.at(low):.1f}" x2="{x.at(high):.1f}" y2="{y.at(high):.1f}"'
    return f'<line class="equal" {ends}/>'


def _power(power: int) -> str:
    """A rate as per cent: 1 %, 0.01 %."""
    return f"{10.0 ** (power + 2):.{max(-power - 2, 0)}f} %"


def _round_steps(low: float, high: float) -> list[float]:
    """About six round values from low to high."""
    rough = (high - low) / 6
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    return [round(place * step, 10) for place in range(ceil(low / step), floor(high / step) + 1)]


def _spoken(points: Sequence[Point]) -> str:
    """A curve in words, at each decade."""
    decades = [
        (high, errors) for (low, _), (high, errors) in pairwise(points) if floor(_log(low)) < floor(_log(high) + 1e-9)
    ]
    return ", ".join(f"{100 * errors:.2g} % at {100 * rate:.2g} %" for rate, errors in decades) or "no curve"


def _median(edges: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    if not counts.sum():
        return float("nan")
    place = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
    return float(edges[place : place + 2].mean())
