"""Foreign tables of one indexer and the views on them, brought to what the source has."""

from __future__ import annotations

import logging

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.facades import LockPolicy, exclusively
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.hooks.warehouse.servers import sync_server
from regendata.sources.catalog import RemoteTables
from regendata.sources.foreign import (
    LocalForeignTable,
    SyncPlan,
    foreign_schema,
    plan_sync,
)

log = logging.getLogger(__name__)


def sync_foreign_schema(
    conn: PgConnection, name: str, conn_id: str, remote_schema: str, remote: RemoteTables, policy: LockPolicy
) -> SyncPlan:
    """Make the readers' schema ``name`` show ``remote_schema``; OIDs, grants and dependents stay."""
    sync_server(conn, name, conn_id)
    ensure_schemas(conn, [name, foreign_schema(name)])
    plan = plan_sync(name, remote_schema, remote, _local(conn, name), _views(conn, name))
    if plan.statements:
        statements = sql.SQL(";\n").join(plan.statements)
        exclusively(conn, plan.views, lambda inside: inside.execute(statements), policy)
    for note in plan.notes:
        log.warning("%s", note)
    return plan


def _local(conn: PgConnection, name: str) -> dict[str, LocalForeignTable]:
    rows = conn.execute(
        "SELECT c.relname, (SELECT option_value FROM pg_options_to_table(f.ftoptions) "
        "WHERE option_name = 'schema_name'), "
        "(SELECT json_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)) FROM pg_attribute AS a "
        "WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) "
        "FROM pg_foreign_table AS f INNER JOIN pg_class AS c ON c.oid = f.ftrelid "
        "INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = %s",
        [foreign_schema(name)],
    ).fetchall()
    return {table: LocalForeignTable(schema, columns) for table, schema, columns in rows}


def _views(conn: PgConnection, name: str) -> dict[str, dict[str, str]]:
    rows = conn.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class AS c "
        "INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        "INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE n.nspname = %s AND c.relkind = 'v' ORDER BY c.relname, a.attnum",
        [name],
    ).fetchall()
    views: dict[str, dict[str, str]] = {}
    for view, column, type_ in rows:
        views.setdefault(view, {})[column] = type_
    return views
