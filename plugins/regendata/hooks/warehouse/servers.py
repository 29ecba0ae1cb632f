"""Foreign servers and the engine's user mapping on each, as the Airflow connection of the source says."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from airflow.sdk import BaseHook
from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.sources.foreign import FETCH_SIZE, server_name

log = logging.getLogger(__name__)


def sync_server(conn: PgConnection, name: str, conn_id: str) -> list[str]:
    """Server and mapping follow the Airflow connection, a new password included.

    The warehouse may see the source under another address than Airflow does: extras ``fdw_host`` and
    ``fdw_port`` of the connection win.

    :returns: a line per change, naming options but no value.
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
        changed = [
            *_sync_options(conn, name, server, _SERVER),
            *_sync_options(conn, name, mapping, _MAPPING),
        ]
    for line in changed:
        log.info("%s", line)
    return changed


_SERVER = (
    "server",
    "SELECT srvoptions FROM pg_foreign_server WHERE srvname = %s",
    "CREATE SERVER {} FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({})",
    "ALTER SERVER {} OPTIONS ({})",
)
_MAPPING = (
    "user mapping of",
    "SELECT coalesce(umoptions, '{}') FROM pg_user_mappings WHERE srvname = %s AND usename = current_user",
    "CREATE USER MAPPING FOR CURRENT_USER SERVER {} OPTIONS ({})",
    "ALTER USER MAPPING FOR CURRENT_USER SERVER {} OPTIONS ({})",
)


def _sync_options(
    conn: PgConnection, name: str, wanted: Mapping[str, str], queries: tuple[str, str, str, str]
) -> list[str]:
    what, read, create, alter = queries
    row = conn.execute(read, [server_name(name)]).fetchone()
    if row is None:
        conn.execute(_with_options(create, name, {key: ("", value) for key, value in wanted.items()}))
        return [f"+ {what} {server_name(name)}"]
    has = dict(option.split("=", 1) for option in row[0])
    changes = {
        key: ("SET " if key in has else "ADD ", value)
        for key, value in wanted.items()
        if has.get(key) != value
    }
    if not changes:
        return []
    conn.execute(_with_options(alter, name, changes))
    return [f"~ {what} {server_name(name)}: {', '.join(sorted(changes))}"]


def _with_options(statement: str, name: str, options: Mapping[str, tuple[str, str]]) -> sql.Composed:
    listed = sql.SQL(", ").join(
        sql.SQL(verb + "{} {}").format(sql.Identifier(key), sql.Literal(value))
        for key, (verb, value) in options.items()
    )
    return sql.SQL(statement).format(sql.Identifier(server_name(name)), listed)
