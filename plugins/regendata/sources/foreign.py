"""Foreign tables for the live schemas of an indexer, made from the remote catalog.

``IMPORT FOREIGN SCHEMA`` fails as a whole on an enum type that only the source has, so the tables are
written out here, with text in place of such types. Readers get a view over each table: it keeps its OID,
its grants and their own views when the indexer moves to another ``chain_data_NN``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from regendata.models.relation import Relation
from regendata.sources.catalog import RemoteColumn, RemoteTables

#: Rows per round trip; the default of 100 costs a round trip per 100 rows.
FETCH_SIZE = "10000"


@dataclass(frozen=True)
class LocalForeignTable:
    """A foreign table as it stands: remote schema it points at, and type per column."""

    remote_schema: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class SyncPlan:
    """Statements in order, views that must not be read meanwhile, and what is worth knowing."""

    statements: tuple[sql.Composed, ...]
    views: tuple[Relation, ...]
    notes: tuple[str, ...]


def foreign_schema(name: str) -> str:
    """Schema of the foreign tables behind the readers' schema ``name``."""
    return f"{name}_fdw"


def server_name(name: str) -> str:
    return f"{name}_server"


def plan_sync(
    name: str,
    remote_schema: str,
    remote: RemoteTables,
    local: Mapping[str, LocalForeignTable],
    views: Mapping[str, Mapping[str, str]],
) -> SyncPlan:
    """Plan from what is there to what the source has; empty when nothing differs.

    :param local: foreign tables that exist, by table name.
    :param views: readers' views that exist: column -> type, in order.
    """
    statements: list[sql.Composed] = []
    notes: list[str] = []
    touched: list[Relation] = []
    for table, columns in remote.items():
        here = local.get(table)
        changes = list(_table_changes(name, remote_schema, table, columns, here))
        view, view_notes = _view(name, table, columns, here, views.get(table, {}))
        # Without a hop the view still reads the column that is gone, and fails as a whole.
        if changes or view_notes or table not in views:
            statements += [*changes, view]
            touched += [Relation(name, table)] if table in views else []
        notes += view_notes
    notes += [f"{table} is not in {remote_schema}" for table in local if table not in remote]
    return SyncPlan(tuple(statements), tuple(touched), tuple(notes))


def _table_changes(
    name: str,
    remote_schema: str,
    table: str,
    columns: tuple[RemoteColumn, ...],
    here: LocalForeignTable | None,
) -> list[sql.Composed]:
    place = sql.Identifier(foreign_schema(name), table)
    if here is None:
        return [_create(name, remote_schema, table, columns)]
    changes = [
        sql.SQL("ALTER FOREIGN TABLE {} ADD COLUMN {}").format(place, _definition(column))
        for column in columns
        if column.name not in here.columns
    ]
    if here.remote_schema != remote_schema:
        changes.append(
            sql.SQL("ALTER FOREIGN TABLE {} OPTIONS (SET schema_name {})").format(
                place, sql.Literal(remote_schema)
            )
        )
    return changes


def _create(name: str, remote_schema: str, table: str, columns: tuple[RemoteColumn, ...]) -> sql.Composed:
    return sql.SQL("CREATE FOREIGN TABLE {} ({}) SERVER {} OPTIONS (schema_name {}, table_name {})").format(
        sql.Identifier(foreign_schema(name), table),
        sql.SQL(", ").join(map(_definition, columns)),
        sql.Identifier(server_name(name)),
        sql.Literal(remote_schema),
        sql.Literal(table),
    )


def _definition(column: RemoteColumn) -> sql.Composed:
    # Types are printed by the server's own format_type.
    return sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.local_type))


def _view(
    name: str,
    table: str,
    columns: tuple[RemoteColumn, ...],
    here: LocalForeignTable | None,
    shown: Mapping[str, str],
) -> tuple[sql.Composed, list[str]]:
    there = {column.name: column for column in columns}
    order = [*shown, *(column.name for column in columns if column.name not in shown)]
    known = here.columns if here else {}
    notes: list[str] = []
    expressions: list[sql.Composable] = []
    for column in order:
        now = there.get(column)
        if now is None or known.get(column, now.local_type) != now.local_type:
            what = "was removed" if now is None else f"is now {now.type}"
            notes.append(f"{name}.{table}.{column} {what} at the source; readers see NULL")
            expressions.append(
                sql.SQL("NULL::{} AS {}").format(sql.SQL(shown.get(column, "text")), sql.Identifier(column))
            )
        else:
            expressions.append(_shown(now))
    statement = sql.SQL("CREATE OR REPLACE VIEW {} AS SELECT {} FROM {}").format(
        sql.Identifier(name, table),
        sql.SQL(", ").join(expressions),
        sql.Identifier(foreign_schema(name), table),
    )
    return statement, notes


def _shown(column: RemoteColumn) -> sql.Composable:
    """A column as readers see it.

    Filters on a text column are sent to the source, where the column is an enum and ``= ANY`` or ``lower``
    do not exist for it. Behind ``|| ''`` they meet a text there as well.
    """
    name = sql.Identifier(column.name)
    if column.is_plain or column.type.endswith("[]"):
        return name
    return sql.SQL("({0} || '') AS {0}").format(name)
