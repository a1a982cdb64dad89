"""A party and those it is tied to, as a small drawing: those who own or direct it on the left, what it owns right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Final

_BOX: Final = (216, 52)
_GAP: Final = 20
_REACH: Final = 96
_MARGIN: Final = 4
_LETTERS: Final = 27
MOST: Final = 8
"""Parties drawn on one side; the table beneath has all."""


@dataclass(frozen=True)
class Node:
    """A party in the drawing; x and y of its upper left corner."""

    id: str
    lines: tuple[str, ...]
    x: float
    y: float
    target: bool
    centre: bool


@dataclass(frozen=True)
class Edge:
    """A tie, from the one who is the KIND to the one whose it is."""

    path: str
    kind: str
    x: float
    y: float


@dataclass(frozen=True)
class Graph:
    """A drawing in its own units."""

    width: int
    height: int
    box: tuple[int, int]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int


def parties_of(adjacent: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Every party named in an answer of `/entities/{id}/adjacent`, by its id."""
    found: dict[str, Mapping[str, Any]] = {adjacent["entity"]["id"]: adjacent["entity"]}
    for group in adjacent["adjacent"].values():
        for tie in group["results"]:
            for values in tie["properties"].values():
                found |= {value["id"]: value for value in values if isinstance(value, dict)}
    return found


def draw(party: str, links: Sequence[Mapping[str, Any]], parties: Mapping[str, Mapping[str, Any]]) -> Graph | None:
    """The drawing of a party's ties; None when it has none."""
    incoming = _by_party((link["from"], link["kind"]) for link in links if link["to"] == party)
    outgoing = _by_party((link["to"], link["kind"]) for link in links if link["from"] == party)
    if not incoming and not outgoing:
        return None
    left, right = list(incoming)[:MOST], list(outgoing)[:MOST]
    rows = max(len(left), len(right), 1)
    height = rows * (_BOX[1] + _GAP) - _GAP + 2 * _MARGIN
    step = _BOX[0] + _REACH
    columns = [_MARGIN + step * place for place in (range(3) if left else (-1, 0, 1))]
    width = 2 * _MARGIN + _BOX[0] + step * (bool(left) + bool(right))
    centre = _node(party, parties, columns[1], (height - _BOX[1]) / 2, centre=True)
    nodes, edges = [centre], []
    for column, some, kinds in ((columns[0], left, incoming), (columns[2], right, outgoing)):
        top = (height - len(some) * (_BOX[1] + _GAP) + _GAP) / 2
        for row, other in enumerate(some):
            node = _node(other, parties, column, top + row * (_BOX[1] + _GAP))
            nodes.append(node)
            edges.append(_edge(node, centre, kinds[other]))
    return Graph(width, int(height), _BOX, tuple(nodes), tuple(edges), len(incoming) + len(outgoing) + 1 - len(nodes))


def _by_party(ties: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The other ends of some ties, each with its first kind: several ties with one party are one line."""
    kinds: dict[str, str] = {}
    for other, kind in ties:
        kinds.setdefault(other, kind)
    return kinds


def _node(party: str, parties: Mapping[str, Mapping[str, Any]], x: float, y: float, *, centre: bool = False) -> Node:
    known = parties.get(party, {})
    caption = str(known.get("caption") or party)
    lines = wrap(caption, _LETTERS, max_lines=2, placeholder=" …") or [caption[:_LETTERS]]
    return Node(party, tuple(lines), x, y, bool(known.get("target")), centre)


def _edge(node: Node, centre: Node, kind: str) -> Edge:
    """A curve from the inner side of a node to the nearer side of the centre."""
    left = node.x < centre.x
    start = (node.x + _BOX[0] if left else node.x, node.y + _BOX[1] / 2)
    end = (centre.x if left else centre.x + _BOX[0], centre.y + _BOX[1] / 2)
    middle = (start[0] + end[0]) / 2
    points = (start, (middle, start[1]), (middle, end[1]), end)
    first, *others = (f"{x:.0f} {y:.0f}" for x, y in points)
    path = f"M{first} C{' '.join(others)}"
    return Edge(path, kind, middle, start[1] - 6)
