"""Definitions of landing, reference and meta tables: one CREATE TABLE per file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from regendata.exceptions import ModelFileError
from regendata.models import files
from regendata.models.header import Header
from regendata.models.relation import Relation

if TYPE_CHECKING:
    from sqlglot import exp

HEADER_KEYS = ("description", "columns")


@dataclass(frozen=True)
class Column:
    """A column as its file declares it; ``definition`` is name, type and constraints in SQL."""

    name: str
    type: str
    definition: str


@dataclass(frozen=True)
class CheckConstraint:
    """A CHECK of a column as its file declares it, under the name Postgres gives it."""

    name: str
    condition: str


@dataclass(frozen=True)
class TableSpec:
    """One table file. ``body`` is its CREATE TABLE statement, word for word.

    :param descriptions: column and what it means, where the header tells.
    """

    relation: Relation
    path: Path
    description: str
    columns: tuple[Column, ...]
    body: str
    constraints: tuple[CheckConstraint, ...] = ()
    descriptions: tuple[tuple[str, str], ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def load_tables(folder: Path) -> dict[Relation, TableSpec]:
    """Read every ``<schema>/<table>.sql`` below ``folder``.

    :raises ModelFileError: for a file that is not one CREATE TABLE of the name its path says.
    """
    specs = (read_table(path) for path in sorted(folder.glob("*/*.sql")))
    return {spec.relation: spec for spec in specs}


def read_table(path: Path) -> TableSpec:
    """Read one table file."""
    from sqlglot import exp

    from regendata.models.lineage import folded

    file = files.read(path, HEADER_KEYS)
    created = _created(file)
    _check_name(created.this, file)
    columns = tuple(
        Column(folded(definition.this), definition.args["kind"].sql("postgres"), definition.sql("postgres"))
        for definition in created.expressions
        if isinstance(definition, exp.ColumnDef)
    )
    return TableSpec(
        file.relation,
        path,
        str(file.header.get("description", "")),
        columns,
        file.body,
        tuple(_constraints(created, file)),
        _descriptions(file, columns),
    )


def _descriptions(file: files.SqlFile, columns: tuple[Column, ...]) -> tuple[tuple[str, str], ...]:
    given = Header(file.path, file.header).mapping("columns", "a mapping of column to description")
    Header(file.path, given).refuse_unknown([column.name for column in columns], "column")
    return tuple((name, str(text)) for name, text in given.items())


def _constraints(created: exp.Schema, file: files.SqlFile) -> Iterator[CheckConstraint]:
    from sqlglot import exp

    from regendata.models.lineage import folded

    for definition in created.expressions:
        if isinstance(definition, exp.ColumnDef):
            for check in definition.find_all(exp.CheckColumnConstraint):
                name = f"{file.relation.name}_{folded(definition.this)}_check"
                yield CheckConstraint(name, check.this.sql("postgres"))


def _created(file: files.SqlFile) -> exp.Schema:
    """Name and columns of the CREATE TABLE; sqlglot calls the two together a schema."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        statements = sqlglot.parse(file.body, dialect="postgres")
    except SqlglotError as error:
        raise ModelFileError(file.path, f"not readable as SQL: {error}", file.body_line) from error
    create = statements[0] if len(statements) == 1 else None
    is_table = isinstance(create, exp.Create) and create.kind == "TABLE"
    if create is None or not is_table or not isinstance(create.this, exp.Schema):
        raise ModelFileError(file.path, "a table file holds exactly one CREATE TABLE", file.body_line)
    return create.this


def _check_name(table: exp.Table, file: files.SqlFile) -> None:
    from regendata.models.lineage import folded

    schema = table.args.get("db")
    if schema is None:
        raise ModelFileError(file.path, "name the table with its schema", file.body_line)
    named = Relation(folded(schema), folded(table.this))
    if named != file.relation:
        raise ModelFileError(file.path, f"creates {named}, but the path says {file.relation}", file.body_line)
