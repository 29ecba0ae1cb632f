"""Where data comes from and who reads it: sources, tables, models and readers as one graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from regendata.models.contracts import Contract
from regendata.models.project import Project
from regendata.models.relation import Relation

Kind = Literal["source", "table", "view", "reader"]


@dataclass(frozen=True)
class Node:
    """One thing of the graph.

    :param name: unique; that of the relation, or ``kind: name`` for sources and readers.
    """

    name: str
    kind: Kind
    label: str
    description: str = ""


@dataclass(frozen=True)
class Graph:
    """Nodes by name, and edges in the direction of the data."""

    nodes: Mapping[str, Node]
    edges: tuple[tuple[str, str], ...]

    def above(self, name: str) -> frozenset[str]:
        """Everything that a node is made from, itself left out."""
        return self._reached(name, {end: [a for a, b in self.edges if b == end] for end in self.nodes})

    def below(self, name: str) -> frozenset[str]:
        """Everything that is made from a node, itself left out."""
        return self._reached(name, {begin: [b for a, b in self.edges if a == begin] for begin in self.nodes})

    def _reached(self, name: str, steps: Mapping[str, list[str]]) -> frozenset[str]:
        found: set[str] = set()
        waiting = list(steps.get(name, ()))
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += steps[one]
        return frozenset(found)


def graph_of(
    projects: Iterable[Project], contracts: Iterable[Contract], origin: Callable[[Relation], str]
) -> Graph:
    """The graph of some systems: their models, what these read, where that comes from, who was promised what.

    :param origin: name of the source of a table.
    """
    nodes: dict[str, Node] = {}
    edges: set[tuple[str, str]] = set()
    for project in projects:
        for node in _nodes(project, origin):
            nodes.setdefault(node.name, node)
        edges.update(_edges(project, origin))
    # A model of one system may be a table to another.
    for contract in contracts:
        promised = [str(relation) for relation in contract.relations if str(relation) in nodes]
        if promised:
            reader = f"reader: {contract.name}"
            nodes[reader] = Node(reader, "reader", contract.reader)
            edges.update((name, reader) for name in promised)
    return Graph(nodes, tuple(sorted(edges)))


def _nodes(project: Project, origin: Callable[[Relation], str]) -> Iterator[Node]:
    for relation, model in project.models.items():
        yield Node(str(relation), "view", str(relation), model.description)
    for relation in sorted(project.inputs):
        yield Node(str(relation), "table", str(relation), project.tables[relation].description)
        yield Node(f"source: {origin(relation)}", "source", origin(relation))


def _edges(project: Project, origin: Callable[[Relation], str]) -> Iterator[tuple[str, str]]:
    for relation, model in project.models.items():
        yield from ((str(read), str(relation)) for read in model.depends_on)
    for relation in project.inputs:
        yield f"source: {origin(relation)}", str(relation)
