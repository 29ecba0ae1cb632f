"""Descriptions of columns: of the header, or of the column of that name in what the model reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from regendata.models.project import Project
from regendata.models.relation import Relation


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
    """Columns of a model, as its outermost SELECT names them."""
    return _selected(project.models[relation].select)


@lru_cache(maxsize=256)
def _selected(select: str) -> tuple[str, ...]:
    import sqlglot

    tree = sqlglot.parse_one(select, dialect="postgres")
    return tuple(name for name in getattr(tree, "named_selects", ()) if name != "*")


def _inherited(project: Project, relation: Relation) -> dict[str, str]:
    said: dict[str, set[str]] = {}
    for read in sorted(project.models[relation].depends_on):
        for name, text in described(project, read).items():
            if text:
                said.setdefault(name, set()).add(text)
    return {name: texts.pop() for name, texts in said.items() if len(texts) == 1}
