"""How many rows a SELECT gives, where that is known without running it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp

from regendata.models.lineage import folded
from regendata.models.relation import Relation

#: Clauses of a SELECT that neither take rows away nor add any.
_PLAIN = {"expressions", "from_", "with_"}
_PLAIN_TABLE = {"this", "db", "alias"}

_CTEs = Mapping[str, "exp.Query"]


class _Unknown(Exception):
    """The text does not tell."""


def one_row_each(select: str) -> tuple[Relation, ...]:
    """Relations of which each row gives one row of a SELECT; empty where its text does not tell.

    :param select: one Postgres SELECT that :func:`regendata.models.lineage.references` accepts.
    """
    try:
        return _sources(sqlglot.parse_one(select, dialect="postgres"), {})
    except _Unknown:
        return ()


def _sources(query: exp.Expr, above: _CTEs) -> tuple[Relation, ...]:
    ctes = {**above, **_ctes(query)}
    if isinstance(query, exp.Union) and _clauses(query) <= {"this", "expression", "with_"}:
        return _sources(query.this, ctes) + _sources(query.expression, ctes)
    if not isinstance(query, exp.Select) or not _clauses(query) <= _PLAIN:
        raise _Unknown
    if not all(_is_plain(one.unalias()) for one in query.expressions):
        raise _Unknown
    table = query.args["from_"].this if "from_" in query.args else None
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        raise _Unknown
    if not _clauses(table) <= _PLAIN_TABLE:
        raise _Unknown
    if table.args.get("db"):
        return (Relation(folded(table.args["db"]), folded(table.this)),)
    return _sources(ctes[folded(table.this)], ctes)


def _ctes(query: exp.Expr) -> dict[str, exp.Query]:
    with_ = query.args.get("with_")
    if with_ is None:
        return {}
    if with_.recursive:
        raise _Unknown
    return {folded(cte.args["alias"].this): cte.this for cte in with_.expressions}


def _clauses(node: exp.Expr) -> set[str]:
    return {name for name, value in node.args.items() if value}


def _is_plain(value: exp.Expr) -> bool:
    """A column, a constant or a row's number: no aggregate, nothing that gives several rows."""
    numbered = isinstance(value, exp.Window) and isinstance(value.this, exp.RowNumber)
    return numbered or isinstance(value, exp.Column | exp.Literal)
