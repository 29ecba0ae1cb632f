"""A graph as SVG: boxes that are links, edges that bend, and what belongs to the chosen box in front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from regendata.models.graph import Graph, Kind
from regendata.models.layout import BOX_HEIGHT, BOX_WIDTH, Layout, Point, lay_out

MARGIN = 16
#: Characters that fit into a box.
MOST_CHARACTERS = 31


@dataclass(frozen=True)
class Box:
    """A node on paper; ``word`` is ``chosen``, ``on``, ``off`` or empty."""

    name: str
    kind: Kind
    label: str
    x: float
    y: float
    word: str


@dataclass(frozen=True)
class Edge:
    """An edge on paper, as the ``d`` of an SVG path."""

    path: str
    word: str


@dataclass(frozen=True)
class Drawing:
    """Everything of the picture, with its size."""

    boxes: Sequence[Box]
    edges: Sequence[Edge]
    width: float
    height: float
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT
    margin: int = MARGIN


def draw(graph: Graph, chosen: str | None = None) -> Drawing:
    """The picture; with a chosen node all that it is made from and that is made from it stands out."""
    layout: Layout = lay_out(graph)
    near = {chosen} | graph.above(chosen) | graph.below(chosen) if chosen else set()
    edges = [
        Edge(curve(points), _word(chosen, begin in near and end in near))
        for (begin, end), points in layout.paths.items()
    ]
    boxes = [
        Box(
            name,
            graph.nodes[name].kind,
            shortened(graph.nodes[name].label),
            x,
            y,
            "chosen" if name == chosen else _word(chosen, name in near),
        )
        for name, (x, y) in sorted(layout.places.items(), key=lambda item: item[1])
    ]
    return Drawing(boxes, sorted(edges, key=lambda edge: edge.word == "on"), layout.width, layout.height)


def curve(points: Sequence[Point]) -> str:
    """A path through points: bends between boxes, straight past the boxes of a layer."""
    x, y = points[0]
    path = [f"M{x:.0f} {y:.0f}"]
    for number, (right, below) in enumerate(points[1:], start=1):
        if number % 2:
            middle = (x + right) / 2
            path.append(f"C{middle:.0f} {y:.0f} {middle:.0f} {below:.0f} {right:.0f} {below:.0f}")
        else:
            path.append(f"L{right:.0f} {below:.0f}")
        x, y = right, below
    return "".join(path)


def shortened(label: str) -> str:
    """The end of a name tells more than its beginning."""
    return label if len(label) <= MOST_CHARACTERS else f"…{label[-MOST_CHARACTERS + 1 :]}"


def _word(chosen: str | None, near: bool) -> str:
    return "" if chosen is None else "on" if near else "off"
