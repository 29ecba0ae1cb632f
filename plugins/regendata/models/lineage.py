"""Which relations a SELECT reads, from its syntax tree.

The rule: a schema-qualified name is a reference; an unqualified name must be a CTE visible in that scope.
In Postgres a qualified name is never a CTE, so the rule needs no catalog.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from regendata.exceptions import ModelFileError
from regendata.models.relation import Reference, Relation


def references(select: str, path: Path, first_line: int = 1) -> tuple[Reference, ...]:
    """All references of one SELECT in the order of the text.

    :param select: one Postgres SELECT.
    :param path: file named in errors.
    :param first_line: line of the file on which ``select`` starts.
    :raises ModelFileError: for text that is not one SELECT, and for names that break the rule.
    """
    tree = _parse(select, path, first_line)
    found = [_reference(table, path, first_line) for table in _named_tables(tree)]
    _refuse_writes(tree, path, first_line)
    _refuse_qualified_columns(tree, path, first_line)
    return tuple(sorted((ref for ref in found if ref), key=lambda ref: ref.start))


def _parse(select: str, path: Path, first_line: int) -> exp.Query:
    try:
        statements = sqlglot.parse(select, dialect="postgres")
    except SqlglotError as error:
        details = getattr(error, "errors", None) or [{}]
        line = first_line + (details[0].get("line") or 1) - 1
        raise ModelFileError(
            path, f"not readable as SQL: {details[0].get('description', error)}", line
        ) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ModelFileError(path, "a model file holds exactly one SELECT", first_line)
    return statements[0]


def _named_tables(tree: exp.Query) -> Iterator[exp.Table]:
    """Tables by name; functions in FROM are tables to sqlglot, but their ``this`` is no identifier."""
    return (table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier))


def _reference(table: exp.Table, path: Path, first_line: int) -> Reference | None:
    schema = table.args.get("db")
    line = first_line + table.this.meta.get("line", 1) - 1
    if table.args.get("catalog"):
        raise ModelFileError(path, f"{table.sql('postgres')}: leave the database name away", line)
    if schema is None:
        if folded(table.this) in _visible_ctes(table):
            return None
        raise ModelFileError(
            path,
            f"{folded(table.this)!r} is no CTE in this scope; write its schema, such as public.{table.this}",
            line,
        )
    start, end = schema.meta["start"], table.this.meta["end"] + 1
    return Reference(Relation(folded(schema), folded(table.this)), start, end, bool(table.alias))


def _visible_ctes(table: exp.Table) -> set[str]:
    """CTE names in scope at ``table``: of every WITH above it, those written before (all, if recursive)."""
    names: set[str] = set()
    node: exp.Expr | None = table
    inside: exp.Expr | None = None
    while node is not None:
        if isinstance(node, exp.CTE):
            inside = node
        elif isinstance(node, exp.With):
            names |= _names_before(node, inside)
        else:
            own = node.args.get("with_") or node.args.get("with")
            if own is not None and not _within(table, own):
                names |= {folded(cte.args["alias"].this) for cte in own.expressions}
        node = node.parent
    return names


def _names_before(with_: exp.With, inside: exp.Expr | None) -> set[str]:
    names: set[str] = set()
    for cte in with_.expressions:
        if cte is inside and not with_.recursive:
            break
        names.add(folded(cte.args["alias"].this))
    return names


def _within(node: exp.Expr, ancestor: exp.Expr) -> bool:
    parent: exp.Expr | None = node
    while parent is not None and parent is not ancestor:
        parent = parent.parent
    return parent is ancestor


def _refuse_writes(tree: exp.Query, path: Path, first_line: int) -> None:
    """Postgres would refuse them as well, but only in the middle of a build."""
    for node in tree.find_all(exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into):
        raise ModelFileError(path, f"a model only reads; {node.key.upper()} is not allowed", first_line)


def _refuse_qualified_columns(tree: exp.Query, path: Path, first_line: int) -> None:
    """``public.rounds.id`` would lose its table when the reference is pointed at a build."""
    for column in tree.find_all(exp.Column):
        if column.args.get("db"):
            line = first_line + column.this.meta.get("line", 1) - 1
            raise ModelFileError(
                path, f"{column.sql('postgres')}: give the table an alias and use that", line
            )


def folded(identifier: exp.Expr) -> str:
    """The name as Postgres stores it: unquoted names in lower case."""
    name = str(identifier.name)
    return name if identifier.args.get("quoted") else name.lower()
