"""Foreign server, user mapping and foreign tables of one indexer, brought to what the source has."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from airflow.sdk import BaseHook
from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.facades import LockPolicy, exclusively
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.sources.catalog import RemoteTables
from regendata.sources.foreign import (
    FETCH_SIZE,
    LocalForeignTable,
    SyncPlan,
    foreign_schema,
    plan_sync,
    server_name,
)

log = logging.getLogger(__name__)


def sync_foreign_schema(
    conn: PgConnection, name: str, conn_id: str, remote_schema: str, remote: RemoteTables, policy: LockPolicy
) -> SyncPlan:
    """Make the readers' schema ``name`` show ``remote_schema``; OIDs, grants and dependents stay."""
    _sync_server(conn, name, conn_id)
    ensure_schemas(conn, [name, foreign_schema(name)])
    plan = plan_sync(name, remote_schema, remote, _local(conn, name), _views(conn, name))
    if plan.statements:
        statements = sql.SQL(";\n").join(plan.statements)
        exclusively(conn, plan.views, lambda inside: inside.execute(statements), policy)
    for note in plan.notes:
        log.warning("%s", note)
    return plan


def _sync_server(conn: PgConnection, name: str, conn_id: str) -> None:
    """Server and mapping follow the Airflow connection, a new password included.

    The warehouse may see the source under another address than Airflow does: extras ``fdw_host`` and
    ``fdw_port`` of the connection win.
    """
    target = BaseHook.get_connection(conn_id)
    extra = target.extra_dejson
    server = {
        "host": str(extra.get("fdw_host") or target.host),
        "port": str(extra.get("fdw_port") or target.port or 5432),
        "dbname": str(target.schema),
        "fetch_size": FETCH_SIZE,
    }
    mapping = {"user": str(target.login), "password": str(target.password)}
    with conn.transaction():
        _sync_options(conn, name, server, _SERVER)
        _sync_options(conn, name, mapping, _MAPPING)


_SERVER = (
    "SELECT srvoptions FROM pg_foreign_server WHERE srvname = %s",
    "CREATE SERVER {} FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({})",
    "ALTER SERVER {} OPTIONS ({})",
)
_MAPPING = (
    "SELECT coalesce(umoptions, '{}') FROM pg_user_mappings WHERE srvname = %s AND usename = current_user",
    "CREATE USER MAPPING FOR CURRENT_USER SERVER {} OPTIONS ({})",
    "ALTER USER MAPPING FOR CURRENT_USER SERVER {} OPTIONS ({})",
)


def _sync_options(
    conn: PgConnection, name: str, wanted: Mapping[str, str], queries: tuple[str, str, str]
) -> None:
    read, create, alter = queries
    row = conn.execute(read, [server_name(name)]).fetchone()
    if row is None:
        conn.execute(_with_options(create, name, {key: ("", value) for key, value in wanted.items()}))
        return
    has = dict(option.split("=", 1) for option in row[0])
    changes = {
        key: ("SET " if key in has else "ADD ", value)
        for key, value in wanted.items()
        if has.get(key) != value
    }
    if changes:
        conn.execute(_with_options(alter, name, changes))
        log.info("%s: changed %s", server_name(name), ", ".join(sorted(changes)))


def _with_options(statement: str, name: str, options: Mapping[str, tuple[str, str]]) -> sql.Composed:
    listed = sql.SQL(", ").join(
        sql.SQL(verb + "{} {}").format(sql.Identifier(key), sql.Literal(value))
        for key, (verb, value) in options.items()
    )
    return sql.SQL(statement).format(sql.Identifier(server_name(name)), listed)


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
