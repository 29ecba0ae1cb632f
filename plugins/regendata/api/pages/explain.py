"""*Explain*: what a published figure was made from, for every system of the registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from regendata.api.pages.explanations import EXPLAINERS
from regendata.api.pages.explanations.shape import Asked, Explainer, Explanation
from regendata.api.pages.html import page
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.house import lineage
from regendata.hooks.warehouse.house.reading import Row, reading, stands
from regendata.models.project import Project, load_project
from regendata.models.relation import Relation

LONGEST_VALUE = 500

router = APIRouter()


@dataclass(frozen=True)
class Origin:
    """Where readers see the figure: the view with its SQL, the build in use, and its sources' own times."""

    relation: str
    select: str
    build: Row | None
    sources: list[dict[str, Any]]


@router.get("/explain")
def show(request: Request, of: str = "") -> HTMLResponse:
    """One figure; every other query parameter is the value of the form's field of its name."""
    asked = {name: value[:LONGEST_VALUE] for name, value in request.query_params.items()}
    chosen = _chosen(of, asked)
    with reading() as conn:
        there = stands(conn, chosen.needs)
        found = chosen.explain(conn, asked) if there else None
        return page(
            request,
            "explain.html",
            explainers=EXPLAINERS,
            chosen=chosen,
            fields=chosen.fields(conn, asked) if there else (),
            found=found,
            origin=_origin(conn, chosen, found) if found else None,
            missing=chosen.missing(asked) if there and _is_filled(asked) else "",
            examples=chosen.examples(conn, asked) if there else None,
        )


def _chosen(of: str, asked: Asked) -> Explainer:
    """:raises HTTPException: no system of this name explains its figures."""
    if of and of not in EXPLAINERS:
        raise HTTPException(404, f"Nobody explains {of}; known: {', '.join(EXPLAINERS)}")
    return EXPLAINERS[of] if of else next(iter(EXPLAINERS.values()))


def _is_filled(asked: Asked) -> bool:
    return any(value for name, value in asked.items() if name != "of")


def _origin(conn: PgConnection, chosen: Explainer, found: Explanation) -> Origin:
    relation = Relation.parse(found.relation)
    project = load_project(chosen.system)
    build = lineage.last_build(conn, chosen.system, relation)
    sources = lineage.sources_of(conn, build["build_id"], _tables(project, relation)) if build else []
    return Origin(found.relation, project.models[relation].select, build, sources)


def _tables(project: Project, relation: Relation) -> set[str]:
    """The tables that a view is made from, through whatever many views."""
    model = project.models.get(relation)
    if model is None:
        return {str(relation)}
    return set().union(*(_tables(project, read) for read in model.depends_on))
