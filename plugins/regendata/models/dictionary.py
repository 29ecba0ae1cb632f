"""Descriptions of columns: of the header, or of the column of that name in what the model reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from regendata.models.relation import Relation

if TYPE_CHECKING:
    from sqlglot import exp

    from regendata.models.project import Project


def described(project: Project, relation: Relation) -> Mapping[str, str]:
    """Every column -> its description, in their order; empty where nobody has written one.

    A model's own header comes first. A column it hands on under its name keeps the description it has in the
    relations that the model reads; where two of these say different things, the header has to.
    """
    table = project.tables.get(relation)
    if table is not None:
        told = dict(table.descriptions)
        return {column.name: told.get(column.name, "") for column in table.columns}
    own = dict(project.models[relation].columns)
    inherited = {} if len(own) == len(columns_of(project, relation)) else _inherited(project, relation)
    return {name: own.get(name) or inherited.get(name, "") for name in columns_of(project, relation)}


def columns_of(project: Project, relation: Relation) -> tuple[str, ...]:
    """Columns of a table, or of a model as its outermost SELECT names them; ``alias.*`` is all of another."""
    table = project.tables.get(relation)
    if table is not None:
        return table.column_names
    selected = _selected(project.models[relation].select)
    return tuple(
        name for own, all_of in selected for name in (columns_of(project, all_of) if all_of else (own,))
    )


@lru_cache(maxsize=256)
def _selected(select: str) -> tuple[tuple[str, Relation | None], ...]:
    """Each column with None, each ``alias.*`` with the relation it stands for."""
    import sqlglot

    tree = sqlglot.parse_one(select, dialect="postgres")
    found = [(one.alias_or_name, _all_of(tree, one)) for one in getattr(tree, "selects", ())]
    return tuple((name, relation) for name, relation in found if relation or name != "*")


def _all_of(tree: exp.Expr, one: exp.Expr) -> Relation | None:
    from sqlglot import exp

    from regendata.models.lineage import folded

    tables = tree.find_all(exp.Table) if one.is_star else ()
    for table in tables:
        if table.parent_select is tree and table.alias_or_name == one.text("table") and table.args.get("db"):
            return Relation(folded(table.args["db"]), folded(table.this))
    return None


def _inherited(project: Project, relation: Relation) -> dict[str, str]:
    said: dict[str, set[str]] = {}
    for read in sorted(project.models[relation].depends_on):
        for name, text in described(project, read).items():
            if text:
                said.setdefault(name, set()).add(text)
    return {name: texts.pop() for name, texts in said.items() if len(texts) == 1}
