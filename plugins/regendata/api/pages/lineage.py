"""*Lineage*: where data comes from and who reads it, as the SQL of the models says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from regendata.api.pages.drawing import draw
from regendata.api.pages.html import page
from regendata.hooks.warehouse.house import lineage
from regendata.hooks.warehouse.house.reading import reading
from regendata.models.contracts import Contract, all_contracts, who_breaks
from regendata.models.dictionary import described
from regendata.models.graph import Graph, Node, graph_of
from regendata.models.project import Project, load_project
from regendata.models.relation import Relation
from regendata.publish.systems import SYSTEMS
from regendata.sources.origins import origin

ALL = "all"

router = APIRouter()


@dataclass(frozen=True)
class Chosen:
    """One node with what is known of it.

    :param columns: rows of ``name``, ``type``, ``description`` and ``readers``.
    :param build: the last build of a view, or landing of a table.
    """

    node: Node
    reads: Sequence[str]
    read_by: Sequence[str]
    breaks: Sequence[Node]
    columns: Sequence[Mapping[str, Any]] = ()
    build: Mapping[str, Any] | None = None
    landed: Mapping[str, Any] | None = None
    contract: Contract | None = None
    select: str = ""


@router.get("/lineage")
def show(request: Request, system: str = SYSTEMS[0], at: str | None = None) -> HTMLResponse:
    """The picture of a system, or of all, and what is known of the chosen node."""
    if system not in (*SYSTEMS, ALL):
        raise HTTPException(404, f"No system of this name; known: {', '.join((*SYSTEMS, ALL))}")
    projects = {name: load_project(name) for name in SYSTEMS if system in (name, ALL)}
    contracts = all_contracts()
    graph = graph_of(projects.values(), contracts, origin)
    if at is not None and at not in graph.nodes:
        raise HTTPException(404, f"Nothing of {system} has the name {at}")
    return page(
        request,
        "lineage.html",
        system=system,
        systems=(*SYSTEMS, ALL),
        drawing=draw(graph, at),
        graph=graph,
        chosen=_chosen(graph, at, projects, contracts) if at else None,
    )


def _chosen(
    graph: Graph, name: str, projects: Mapping[str, Project], contracts: Sequence[Contract]
) -> Chosen:
    node = graph.nodes[name]
    below = [graph.nodes[one] for one in sorted(graph.below(name))]
    about: dict[str, Any] = {
        "node": node,
        "reads": [begin for begin, end in graph.edges if end == name],
        "read_by": [end for begin, end in graph.edges if begin == name],
        "breaks": [one for one in below if one.kind == "reader"],
    }
    if node.kind in ("view", "table"):
        return Chosen(**about, **_relation(Relation.parse(name), projects, contracts))
    own = next((one for one in contracts if f"reader: {one.name}" == name), None)
    return Chosen(**about, contract=own)


def _relation(
    relation: Relation, projects: Mapping[str, Project], contracts: Sequence[Contract]
) -> dict[str, Any]:
    system, project = next(
        ((name, one) for name, one in projects.items() if relation in one.models),
        next(iter(projects.items())),
    )
    model = project.models.get(relation)
    with reading() as conn:
        types = {one["name"]: one["type"] for one in lineage.columns(conn, relation)}
        build = lineage.last_build(conn, system, relation) if model else None
        landed = None if model else lineage.landed(conn, relation)
    told = described(project, relation)
    names = types or dict.fromkeys(told, "")
    return {
        "columns": [
            {
                "name": name,
                "type": types.get(name, ""),
                "description": told.get(name, ""),
                "readers": [loss.reader for loss in who_breaks(contracts, relation, name)],
            }
            for name in names
        ],
        "build": build,
        "landed": landed,
        "select": model.select if model else "",
    }
