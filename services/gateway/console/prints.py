"""Two prints beside each other, with lines between the points that a comparison took for the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, sin
from typing import Any, Final

_GAP: Final = 40
_TAIL: Final = 12
_COLOURS: Final = 6
"""Classes point-0 and so on of the stylesheet."""


@dataclass(frozen=True)
class Point:
    """A minutia in the drawing, and the end of the stroke that shows where its ridge goes."""

    x: float
    y: float
    to_x: float
    to_y: float


@dataclass(frozen=True)
class Pair:
    """Two points that were taken for the same; `colour` 0 to 5."""

    number: int
    colour: int
    one: Point
    other: Point
    strength: float


@dataclass(frozen=True)
class Drawing:
    """Both prints in pixels at 500 dpi; the other one begins at `offset`."""

    width: int
    height: int
    offset: int
    rest: tuple[Point, ...]
    pairs: tuple[Pair, ...]


def draw_prints(found: Mapping[str, Any]) -> Drawing:
    """The drawing of an answer about two prints."""
    one, other = found["one"], found["other"]
    offset = int(one["width"]) + _GAP
    ones = [_point(each, 0) for each in one["minutiae"]]
    others = [_point(each, offset) for each in other["minutiae"]]
    pairs = tuple(
        Pair(number, (number - 1) % _COLOURS, ones[each["one"]], others[each["other"]], each["strength"])
        for number, each in enumerate(found["pairs"], 1)
    )
    used = {id(point) for pair in pairs for point in (pair.one, pair.other)}
    rest = tuple(point for point in (*ones, *others) if id(point) not in used)
    return Drawing(offset + int(other["width"]), max(int(one["height"]), int(other["height"])), offset, rest, pairs)


def _point(minutia: Mapping[str, Any], offset: int) -> Point:
    x, y, turn = minutia["x"] + offset, minutia["y"], minutia["direction"]
    return Point(x, y, x + _TAIL * cos(turn), y - _TAIL * sin(turn))
