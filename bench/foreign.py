"""Foreign tables with the default options of postgres_fdw, as one writes them by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from regendata.models.tables import TableSpec


def create_server(
    conn: psycopg.Connection, name: str, source_dsn: str, tables: Sequence[TableSpec], remote_schema: str
) -> None:
    """A schema and a server of the same name, with a foreign table per landed table.

    Columns are those that landing takes, so that both ways carry the same bytes.

    :param tables: landed tables named ``<source>_<table>``, such as ``landing.indexer_rounds``.
    """
    target = conninfo_to_dict(source_dsn)
    address = {"host": target["host"], "port": target["port"], "dbname": target["dbname"]}
    login = {"user": target["user"], "password": target["password"]}
    identifier = sql.Identifier(name)
    conn.execute(sql.SQL("CREATE SCHEMA {}").format(identifier))
    conn.execute(
        sql.SQL("CREATE SERVER {} FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({})").format(
            identifier, _options(address)
        )
    )
    conn.execute(
        sql.SQL("CREATE USER MAPPING FOR CURRENT_USER SERVER {} OPTIONS ({})").format(
            identifier, _options(login)
        )
    )
    for spec in tables:
        conn.execute(_foreign_table(name, spec, remote_schema))


def _foreign_table(name: str, spec: TableSpec, remote_schema: str) -> sql.Composed:
    table = spec.relation.name.partition("_")[2]
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type)) for column in spec.columns
    )
    return sql.SQL("CREATE FOREIGN TABLE {} ({}) SERVER {} OPTIONS ({})").format(
        sql.Identifier(name, table),
        columns,
        sql.Identifier(name),
        _options({"schema_name": remote_schema, "table_name": table}),
    )


def _options(options: Mapping[str, object]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(key), sql.Literal(str(value)))
        for key, value in options.items()
    )


def drop_server(conn: psycopg.Connection, name: str) -> None:
    """Drop the schema with its foreign tables, the login and the server, as far as they exist."""
    identifier = sql.Identifier(name)
    drop_relations(conn, name, "f", "FOREIGN TABLE")
    conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(identifier))
    if conn.execute("SELECT FROM pg_foreign_server WHERE srvname = %s", [name]).fetchone() is not None:
        conn.execute(sql.SQL("DROP USER MAPPING IF EXISTS FOR CURRENT_USER SERVER {}").format(identifier))
        conn.execute(sql.SQL("DROP SERVER {}").format(identifier))


def drop_relations(conn: psycopg.Connection, schema: str, kind: str, word: str) -> None:
    """Drop all relations of one kind in one statement, so that those that read each other go together.

    :param kind: ``relkind`` in pg_class, :param word: what DROP calls it.
    """
    rows = conn.execute(
        "SELECT c.relname FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relkind = %s",
        [schema, kind],
    ).fetchall()
    if rows:
        names = sql.SQL(", ").join(sql.Identifier(schema, name) for (name,) in rows)
        conn.execute(sql.SQL("DROP {} {}").format(sql.SQL(word), names))
