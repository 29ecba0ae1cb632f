"""Where data comes from and who reads it, and the places of that on paper."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata import paths
from regendata.models.contracts import load_contracts
from regendata.models.graph import Graph, Node, graph_of
from regendata.models.layout import BOX_HEIGHT, BOX_WIDTH, lay_out
from regendata.models.project import load_project
from regendata.models.relation import Relation
from regendata.publish.systems import SYSTEMS
from regendata.sources.origins import origin


@pytest.fixture(scope="module")
def grants() -> Graph:
    return graph_of([load_project("grants")], load_contracts(paths.CONTRACTS), origin)


def test_systems_are_those_that_have_models() -> None:
    folders = {path.parent.parent.name for path in paths.SQL.glob("*/*/*.sql")}
    assert set(SYSTEMS) == folders - {"tables", "views", "steps"}


def test_edges_are_what_the_sql_reads(grants: Graph) -> None:
    project = load_project("grants")
    for relation, model in project.models.items():
        assert {a for a, b in grants.edges if b == str(relation)} == set(map(str, model.depends_on))


def test_a_reader_breaks_with_everything_above_what_it_was_promised(grants: Graph) -> None:
    reader = "reader: qf_calculator"
    assert grants.nodes[reader].kind == "reader"
    assert {"public.donations", "landing.indexer_donations", "source: Grants Stack indexer"} <= grants.above(
        reader
    )
    assert reader in grants.below("source: Grants Stack indexer")
    assert reader not in grants.below("source: Dune")


def test_nothing_is_above_a_source_or_below_a_reader(grants: Graph) -> None:
    for name, node in grants.nodes.items():
        assert bool(grants.above(name)) == (node.kind != "source")
        if node.kind == "reader":
            assert grants.below(name) == frozenset()


def test_an_unknown_table_goes_by_its_schema() -> None:
    assert origin(Relation("elsewhere", "table")) == "elsewhere"


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Edges lead from lower to higher numbers, so there is no circle."""
    count = draw(st.integers(1, 12))
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=30, unique=True)) if pairs else []
    nodes = {f"n{number}": Node(f"n{number}", "view", f"n{number}") for number in range(count)}
    return Graph(nodes, tuple((f"n{a}", f"n{b}") for a, b in sorted(chosen)))


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_no_box_covers_another_and_data_flows_to_the_right(graph: Graph) -> None:
    layout = lay_out(graph)
    assert set(layout.places) == set(graph.nodes)
    columns: dict[float, list[float]] = {}
    for x, y in layout.places.values():
        columns.setdefault(x, []).append(y)
        assert 0 <= x <= layout.width - BOX_WIDTH
        assert -1e-6 <= y <= layout.height - BOX_HEIGHT + 1e-6
    for column in columns.values():
        assert all(lower - upper >= BOX_HEIGHT for upper, lower in pairwise(sorted(column)))
    for begin, end in graph.edges:
        assert layout.places[begin][0] + BOX_WIDTH < layout.places[end][0]
        points = layout.paths[begin, end]
        assert points[0] == (layout.places[begin][0] + BOX_WIDTH, layout.places[begin][1] + BOX_HEIGHT / 2)
        assert points[-1] == (layout.places[end][0], layout.places[end][1] + BOX_HEIGHT / 2)


@settings(max_examples=25, deadline=None)
@given(graphs())
def test_an_edge_passes_no_box_of_the_layers_between(graph: Graph) -> None:
    layout = lay_out(graph)
    for points in layout.paths.values():
        for x, y in points[1:-1]:
            crossed = [
                name
                for name, (left, top) in layout.places.items()
                if left <= x <= left + BOX_WIDTH and top < y < top + BOX_HEIGHT
            ]
            assert crossed == []


def test_an_empty_graph_takes_no_paper() -> None:
    layout = lay_out(Graph({}, ()))
    assert (layout.width, layout.height, dict(layout.places)) == (0, 0, {})
