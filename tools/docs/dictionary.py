"""``docs/data_dictionary.md``: every relation that readers may see, with what its columns mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from regendata import paths
from regendata.models.contracts import Contract, load_contracts
from regendata.models.dictionary import described
from regendata.models.project import Project, load_project
from regendata.models.relation import Relation
from regendata.models.spec import read_model
from regendata.publish.permissions import read_permissions
from regendata.publish.systems import SYSTEMS
from regendata.sources.origins import origin

_HEAD = """# Data dictionary

Every relation that `include/permissions.yaml` lets somebody read: views first, then tables. Written by
`make docs` from the headers of `include/sql`; the same stands in [data_dictionary.json](data_dictionary.json)
and, as comments of views, in the warehouse. A column without a text of its own has the one of the relation
it comes from, and a table's the one of the views that hand it on.
"""


@dataclass(frozen=True)
class Column:
    """One column; ``type`` is empty where neither a table nor a contract names it."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Entry:
    """One relation.

    :param kind: ``view``, or ``table``.
    :param comes_from: relations a view reads, or the source of a table.
    """

    relation: str
    kind: str
    system: str
    description: str
    key: tuple[str, ...]
    comes_from: tuple[str, ...]
    columns: tuple[Column, ...]


def entries() -> list[Entry]:
    """Views of each system by name, then tables by name."""
    projects = [load_project(name) for name in SYSTEMS]
    permissions = read_permissions(paths.PERMISSIONS)
    readable = {schema for role in permissions.roles for schema in role.reads}
    contracts = load_contracts(paths.CONTRACTS)
    views = [
        _view(project, relation, contracts)
        for project in (*projects, plain_views(projects[0]))
        for relation in sorted(project.models)
    ]
    tables = [
        _table(projects, relation)
        for relation in sorted(projects[0].tables)
        if relation.schema in readable and not any(relation in project.models for project in projects)
    ]
    return [*views, *tables]


def plain_views(project: Project) -> Project:
    """Views on tables that grow in place, as a project of their own."""
    specs = (read_model(path) for path in sorted(paths.VIEWS.glob("*/*.sql")))
    return Project("", {spec.relation: spec for spec in specs}, project.tables)


def page(found: Sequence[Entry]) -> str:
    """All entries as Markdown."""
    links = "".join(
        f"| [`{one.relation}`](#{_anchor(one)}) | {one.kind} | {one.description} |\n" for one in found
    )
    return f"{_HEAD}\n| relation | kind | what |\n|---|---|---|\n{links}" + "".join(map(_section, found))


def export(found: Sequence[Entry]) -> str:
    """All entries as JSON, for programs."""
    return json.dumps([asdict(one) for one in found], indent=1, ensure_ascii=False) + "\n"


def _view(project: Project, relation: Relation, contracts: Sequence[Contract]) -> Entry:
    model, promised = project.models[relation], _promised(relation, contracts)
    columns = tuple(
        Column(name, promised.get(name, ""), text) for name, text in described(project, relation).items()
    )
    reads = tuple(sorted(map(str, model.depends_on)))
    return Entry(
        str(relation), "view", project.system, _one_line(model.description), model.unique_key, reads, columns
    )


def _table(projects: Sequence[Project], relation: Relation) -> Entry:
    spec = projects[0].tables[relation]
    told, handed_on = described(projects[0], relation), _said_by_readers(projects, relation)
    columns = tuple(
        Column(one.name, one.type.lower(), told[one.name] or handed_on.get(one.name, ""))
        for one in spec.columns
    )
    return Entry(str(relation), "table", "", _one_line(spec.description), (), (origin(relation),), columns)


def _said_by_readers(projects: Sequence[Project], relation: Relation) -> dict[str, str]:
    """What the views that hand a column on under its name say of it, where they say the same."""
    said: dict[str, set[str]] = {}
    for model in (model for project in projects for model in project.readers(relation)):
        for name, text in model.columns:
            said.setdefault(name, set()).add(text)
    return {name: texts.pop() for name, texts in said.items() if len(texts) == 1}


def _promised(relation: Relation, contracts: Sequence[Contract]) -> dict[str, str]:
    """Column -> type, as far as readers were promised it."""
    types: dict[str, str] = {}
    for contract in contracts:
        types.update(contract.relations.get(relation, {}))
    return types


def _section(one: Entry) -> str:
    return "\n".join(("", f"## {one.relation}", "", *_about(one), "", *_columns(one), ""))


def _about(one: Entry) -> Iterator[str]:
    yield one.description
    yield ""
    key = f" One row per {', '.join(f'`{name}`' for name in one.key)}." if one.key else ""
    yield f"{'Reads' if one.kind == 'view' else 'From'} {', '.join(one.comes_from) or 'nothing'}.{key}"


def _columns(one: Entry) -> Iterator[str]:
    yield from ("| column | type | what |", "|---|---|---|")
    for column in one.columns:
        yield f"| `{column.name}` | {column.type} | {_cell(column.description)} |"


def _cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _anchor(one: Entry) -> str:
    return one.relation.lower().replace(".", "").replace('"', "")
