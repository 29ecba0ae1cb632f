"""What a source database says about its own tables, and how their columns become ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psycopg import sql

from regendata.models.relation import Relation
from regendata.models.tables import Column, TableSpec

#: Rows (table, column, type, is_plain) of one schema in column order; is_plain is false for
#: enum, domain, composite and range types, which another database does not know.
COLUMNS_QUERY = """
SELECT
  c.relname,
  a.attname,
  format_type(a.atttypid, a.atttypmod),
  coalesce(e.typtype, t.typtype) = 'b'
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
INNER JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typelem <> 0 AND t.typlen = -1
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""

#: Identity of one table (schema, name) and its landed columns (list): what row versions do not tell. Postgres
#: rewrites no row for a column added with a default or for a renamed enum value, and counts row versions anew
#: in another cluster.
IDENTITY_QUERY = """
SELECT
  s.system_identifier::text,
  c.oid::bigint,
  a.attname,
  a.attnum,
  format_type(a.atttypid, a.atttypmod),
  (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
    FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = a.atttypid)
FROM pg_catalog.pg_control_system() AS s
CROSS JOIN pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
WHERE n.nspname = %s AND c.relname = %s AND a.attname = ANY(%s)
ORDER BY a.attnum
"""

#: Names of the schemas that look like a version, such as chain_data_87.
VERSION_SCHEMAS_QUERY = "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname ~ %s"

_SHORT = {
    "INT": "integer",
    "BIGINT": "bigint",
    "REAL": "real",
    "DOUBLE PRECISION": "double precision",
    "DECIMAL": "numeric",
    "TIMESTAMPTZ": "timestamp with time zone",
    "TIMESTAMP": "timestamp without time zone",
    "BOOLEAN": "boolean",
    "VARCHAR": "text",
}


@dataclass(frozen=True)
class RemoteColumn:
    """A column at the source. ``type`` as ``format_type`` prints it, such as ``numeric(78,0)``."""

    name: str
    type: str
    is_plain: bool = True

    @property
    def local_type(self) -> str:
        """The type that stands for it in another database: text for what only the source knows."""
        if self.is_plain:
            return self.type
        return "text[]" if self.type.endswith("[]") else "text"


RemoteTables = Mapping[str, tuple[RemoteColumn, ...]]


def remote_tables(rows: Iterable[tuple[str, str, str, bool]]) -> RemoteTables:
    """Group the rows of ``COLUMNS_QUERY`` by table."""
    tables: dict[str, list[RemoteColumn]] = {}
    for table, name, type_, is_plain in rows:
        tables.setdefault(table, []).append(RemoteColumn(name, type_, is_plain))
    return {table: tuple(columns) for table, columns in tables.items()}


def base_type(declared: str) -> str:
    """A type without its modifiers, in the spelling of ``format_type``.

    >>> base_type("DECIMAL(78, 0)"), base_type("numeric(78,0)"), base_type("TEXT[]")
    ('numeric', 'numeric', 'text[]')
    """
    bare = re.sub(r"\s*\([^)]*\)", "", declared).strip()
    element, array = (bare[:-2], "[]") if bare.endswith("[]") else (bare, "")
    name = _SHORT.get(element.upper(), element.lower())
    return ("text" if name == "character varying" else name) + array


def mismatches(table: TableSpec, remote: tuple[RemoteColumn, ...]) -> list[str]:
    """Columns of our table that the source lacks or has with another type; empty when all is well."""
    there = {column.name: column for column in remote}
    found = []
    for column in table.columns:
        other = there.get(column.name)
        if other is None:
            found.append(f"{column.name} was removed")
        elif base_type(other.local_type) != base_type(column.type):
            found.append(f"{column.name} is now {other.type}, was {base_type(column.type)}")
    return found


def copy_out(
    table: TableSpec,
    source: Relation,
    remote: tuple[RemoteColumn, ...],
    excluded_chains: Iterable[int],
    wanted: sql.Composable | None = None,
) -> sql.Composed:
    """COPY of our columns from the source in binary form, without the rows of ``excluded_chains``.

    :param wanted: condition on the rows to copy; None for all.
    """
    there = {column.name: column for column in remote}
    columns = sql.SQL(", ").join(_selected(column, there[column.name]) for column in table.columns)
    return sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT (FORMAT binary)").format(
        columns, sql.Identifier(*source), chosen(table, excluded_chains, wanted)
    )


def _selected(column: Column, remote: RemoteColumn) -> sql.Composable:
    name = sql.Identifier(column.name)
    if remote.type == base_type(column.type):
        return name
    # Types come from our own table files and are no user input; they cannot be parameters.
    return sql.SQL("{}::{}").format(name, sql.SQL(column.type))


def chosen(
    table: TableSpec, excluded_chains: Iterable[int], wanted: sql.Composable | None = None
) -> sql.Composable:
    """WHERE clause that leaves chains out, where a table has them, and keeps what is wanted; or nothing."""
    conditions = [] if wanted is None else [wanted]
    excluded = sorted(excluded_chains)
    if excluded and "chain_id" in table.column_names:
        chains = sql.SQL(", ").join(sql.Literal(chain) for chain in excluded)
        # A row without a chain is landed, so that a check can name it.
        conditions.append(sql.SQL("(chain_id IN ({})) IS NOT TRUE").format(chains))
    return sql.SQL(" WHERE " if conditions else "") + sql.SQL(" AND ").join(conditions)
