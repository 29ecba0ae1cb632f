"""``docs/architecture.md``: hand-written but for the picture and the tables between its marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from regendata import paths
from regendata.api.pages.drawing import Drawing, draw
from regendata.models.contracts import load_contracts
from regendata.models.graph import graph_of
from regendata.models.project import load_project
from regendata.publish.systems import SYSTEMS
from regendata.sources.origins import origin
from tools.docs import dags

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

PICTURE = "docs/images/lineage.svg"
_FILLS = {"source": "#fef3c7", "table": "#f6f7f9", "view": "#dbeafe", "reader": "#dcfce7"}
_PART = "<!-- {name} -->\n{text}\n<!-- end of {name} -->"


class MissingPart(Exception):
    """The page has no place for a generated part."""


def picture() -> str:
    """Sources, tables, views and readers of every system as SVG."""
    graph = graph_of([load_project(name) for name in SYSTEMS], load_contracts(paths.CONTRACTS), origin)
    return svg(draw(graph))


def svg(drawing: Drawing) -> str:
    """The drawing as a file of its own, light background included."""
    edges = "".join(f'<path d="{edge.path}"/>' for edge in drawing.edges)
    boxes = "".join(
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{drawing.box_width}" height="{drawing.box_height}" '
        f'rx="4" fill="{_FILLS[box.kind]}" stroke="#9aa0aa"/>'
        f'<text x="{box.x + 10:.0f}" y="{box.y + 18:.0f}">{escape(box.label)}</text>\n'
        for box in drawing.boxes
    )
    margin = drawing.margin
    width, height = drawing.width + 2 * margin, drawing.height + 2 * margin
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-margin} {-margin} {width:.0f} {height:.0f}" '
        f'font-family="sans-serif" font-size="12">\n'
        f'<rect x="{-margin}" y="{-margin}" width="{width:.0f}" height="{height:.0f}" fill="#fff"/>\n'
        f'<g fill="none" stroke="#8a909c" stroke-opacity=".5">{edges}</g>\n{boxes}</svg>\n'
    )


def page(path: Path, bag: DagBag) -> str:
    """The page as it is, with every generated part made anew."""
    text = path.read_text(encoding="utf-8")
    for name, part in _parts(bag).items():
        marked = re.compile(rf"<!-- {name} -->\n.*?\n<!-- end of {name} -->", re.DOTALL)
        found = marked.search(text)
        if found is None:
            raise MissingPart(f"{path}: no place for <!-- {name} -->")
        text = text[: found.start()] + _PART.format(name=name, text=part) + text[found.end() :]
    return text


def _parts(bag: DagBag) -> Mapping[str, str]:
    return {"dags": _dags(bag), "systems": _systems(), "sources": _sources()}


def _dags(bag: DagBag) -> str:
    """Who runs when, and who waits for whose data, as mermaid."""
    lines = ["```mermaid", "flowchart LR"]
    for name in sorted(bag.dags):
        dag = bag.dags[name]
        lines.append(f'  {name}["{name}<br/>{_plain(dags.when(dag))}"]')
        lines += [f"  {name} --> {_id(asset)}(({asset}))" for asset in dags.outlets(dag)]
        lines += [f"  {_id(asset)}(({asset})) --> {name}" for asset in dags.waited_for(dag)]
    return "\n".join([*lines, "```"])


def _systems() -> str:
    rows = ["| system | views | tables read | readers with a contract |", "|---|---|---|---|"]
    contracts = load_contracts(paths.CONTRACTS)
    for name in SYSTEMS:
        project = load_project(name)
        readers = [one.reader for one in contracts if set(one.relations) & set(project.models)]
        rows.append(f"| `{name}` | {len(project.models)} | {len(project.inputs)} | {', '.join(readers)} |")
    return "\n".join(rows)


def _sources() -> str:
    tables: dict[str, list[str]] = {}
    for name in SYSTEMS:
        for relation in sorted(load_project(name).inputs):
            listed = tables.setdefault(origin(relation), [])
            listed += [f"`{relation}`"] if f"`{relation}`" not in listed else []
    rows = ["| source | tables |", "|---|---|"]
    return "\n".join([*rows, *(f"| {source} | {', '.join(tables[source])} |" for source in sorted(tables))])


def _plain(text: str) -> str:
    return text.replace("`", "").replace('"', "'")


def _id(asset: str) -> str:
    return re.sub(r"\W", "_", f"asset_{asset}")
