"""A graph on paper: layers from left to right, and an order in each that keeps edges short and apart."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from regendata.models.graph import Graph

SWEEPS = 12
BOX_WIDTH, BOX_HEIGHT = 230, 28
GAP_X, GAP_Y = 90, 10
#: A row that only an edge passes through.
PASSAGE_HEIGHT = 8

Point = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Upper left corner of each node's box, and the points each edge passes."""

    places: Mapping[str, Point]
    paths: Mapping[tuple[str, str], tuple[Point, ...]]
    width: float
    height: float


def lay_out(graph: Graph) -> Layout:
    """Sources to the left, readers to the right, everything else right of what it is made from."""
    depth = _depths(graph)
    chains = {edge: _chain(edge, depth) for edge in graph.edges}
    layers = _layers(graph, depth, chains)
    before, after = _neighbours(chains)
    for sweep in range(SWEEPS):
        _sort(layers if sweep % 2 == 0 else layers[::-1], before if sweep % 2 == 0 else after)
    middles = _middles(layers, before, after)
    places = {
        name: (depth[name] * (BOX_WIDTH + GAP_X), middles[name] - BOX_HEIGHT / 2) for name in graph.nodes
    }
    paths = {edge: tuple(_points(chain, depth[edge[0]], middles)) for edge, chain in chains.items()}
    height = max((y + BOX_HEIGHT for _, y in places.values()), default=0.0)
    return Layout(places, paths, max(len(layers) * (BOX_WIDTH + GAP_X) - GAP_X, 0), height)


def _depths(graph: Graph) -> dict[str, int]:
    """The longest way from a source; readers all stand in the last layer."""
    made_from: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for begin, end in graph.edges:
        made_from[end].append(begin)
    depth: dict[str, int] = {}
    for name in graphlib.TopologicalSorter(made_from).static_order():
        depth[name] = max((depth[one] + 1 for one in made_from[name]), default=0)
    last = max(depth.values(), default=0)
    readers = [name for name, node in graph.nodes.items() if node.kind == "reader"]
    return {**depth, **dict.fromkeys(readers, last)}


def _chain(edge: tuple[str, str], depth: Mapping[str, int]) -> tuple[str, ...]:
    """The edge with a passage in each layer between its ends."""
    begin, end = edge
    between = (f"{begin}\0{end}\0{layer}" for layer in range(depth[begin] + 1, depth[end]))
    return (begin, *between, end)


def _layers(
    graph: Graph, depth: Mapping[str, int], chains: Mapping[tuple[str, str], tuple[str, ...]]
) -> list[list[str]]:
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in sorted(graph.nodes):
        layers[depth[name]].append(name)
    for (begin, _), chain in chains.items():
        for step, passage in enumerate(chain[1:-1], start=1):
            layers[depth[begin] + step].append(passage)
    return layers


def _neighbours(
    chains: Mapping[tuple[str, str], tuple[str, ...]],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for chain in chains.values():
        for left, right in pairwise(chain):
            before.setdefault(right, []).append(left)
            after.setdefault(left, []).append(right)
    return before, after


def _sort(layers: Sequence[list[str]], looked_at: Mapping[str, list[str]]) -> None:
    """Order each layer by the middle of its neighbours in the one before it."""
    for fixed, layer in pairwise(layers):
        place = {name: number for number, name in enumerate(fixed)}
        own = {name: number for number, name in enumerate(layer)}

        def wished(name: str, place: Mapping[str, int] = place, own: Mapping[str, int] = own) -> float:
            known = [place[one] for one in looked_at.get(name, ()) if one in place]
            return median(known) if known else own[name]

        layer.sort(key=wished)


def _middles(
    layers: Sequence[list[str]], before: Mapping[str, list[str]], after: Mapping[str, list[str]]
) -> dict[str, float]:
    """Heights: packed first, then pulled towards the neighbours as far as the order allows."""
    middles = {name: float(y) for layer in layers for name, y in _packed(layer)}
    for looked_at in (before, after, before):
        for layer in layers:
            wished = [
                median([middles[one] for one in looked_at.get(name, [name])] or [middles[name]])
                for name in layer
            ]
            middles.update(_spread(layer, wished))
    lowest = min(middles.values(), default=0.0) - BOX_HEIGHT / 2
    return {name: y - lowest for name, y in middles.items()}


def _packed(layer: Sequence[str]) -> list[tuple[str, float]]:
    found, top = [], 0.0
    for name in layer:
        found.append((name, top + _height(name) / 2))
        top += _height(name) + GAP_Y
    return found


def _spread(layer: Sequence[str], wished: Sequence[float]) -> dict[str, float]:
    """As near to the wish as the ones above and below let it; twice, so that no side is favoured."""
    down, up = list(wished), list(wished)
    for number in range(1, len(layer)):
        down[number] = max(down[number], down[number - 1] + _apart(layer[number - 1], layer[number]))
    for number in range(len(layer) - 2, -1, -1):
        up[number] = min(up[number], up[number + 1] - _apart(layer[number], layer[number + 1]))
    between = [(one + other) / 2 for one, other in zip(down, up, strict=True)]
    for number in range(1, len(layer)):
        least = between[number - 1] + _apart(layer[number - 1], layer[number])
        between[number] = max(between[number], least)
    return dict(zip(layer, between, strict=True))


def _apart(upper: str, lower: str) -> float:
    return (_height(upper) + _height(lower)) / 2 + GAP_Y


def _height(name: str) -> float:
    return PASSAGE_HEIGHT if "\0" in name else BOX_HEIGHT


def _points(chain: Sequence[str], depth: int, middles: Mapping[str, float]) -> list[Point]:
    """From the first box's right side through both sides of each passage to the last one's left side."""
    step = BOX_WIDTH + GAP_X
    points = [(depth * step + BOX_WIDTH, middles[chain[0]])]
    for number, passage in enumerate(chain[1:-1], start=1):
        left = (depth + number) * step
        points += [(left, middles[passage]), (left + BOX_WIDTH, middles[passage])]
    return [*points, ((depth + len(chain) - 1) * step, middles[chain[-1]])]
