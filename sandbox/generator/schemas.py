"""Schemas `chain_data_NN`: made from the indexer's own definitions, dropped without touching others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from sandbox.generator.scripts import run

if TYPE_CHECKING:
    from psycopg import Connection

NAME_PATTERN = "chain\\_data\\_%"
SCRATCH = "archive_scratch"


def create_schema(connection: Connection, schema: str, *families: str) -> None:
    """Make the schema, put it first in the transaction's search path and create the families' tables."""
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(schema)))
    for family in families:
        run(connection, f"{family}_tables")


def finish_schema(connection: Connection, schema: str, reader: str | None, *families: str) -> None:
    """Constraints and indexes, and reading rights for the role the warehouse connects as."""
    for family in families:
        run(connection, f"{family}_constraints")
    if reader:
        name, role = sql.Identifier(schema), sql.Identifier(reader)
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(name, role))
        connection.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(name, role))


def analyze(connection: Connection, schema: str) -> None:
    """Statistics and visibility for every table of the schema, so first readers find no work left."""
    for table in _relations(connection, schema):
        connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(schema, table)))


def drop_versions(connection: Connection) -> None:
    """Drop every `chain_data_%` schema with what the indexer puts there; anything else in them stops it."""
    found = connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s OR nspname = %s", [NAME_PATTERN, SCRATCH]
    )
    for (schema,) in found.fetchall():
        with connection.transaction():
            drop_schema(connection, schema)


def drop_schema(connection: Connection, schema: str) -> None:
    """Drop one version: all its tables at once (they reference each other), then its enums."""
    _drop(connection, "TABLE", schema, _relations(connection, schema))
    _drop(connection, "TYPE", schema, _enums(connection, schema))
    connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(schema)))


def _drop(connection: Connection, kind: str, schema: str, names: list[str]) -> None:
    if names:
        listed = sql.SQL(", ").join(sql.Identifier(schema, name) for name in names)
        connection.execute(sql.SQL("DROP {} {}").format(sql.SQL(kind), listed))


def _relations(connection: Connection, schema: str) -> list[str]:
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r' ORDER BY 1",
        [sql.Identifier(schema).as_string(connection)],
    )
    return [name for (name,) in found]


def _enums(connection: Connection, schema: str) -> list[str]:
    found = connection.execute(
        "SELECT typname FROM pg_type WHERE typnamespace = %s::regnamespace AND typtype = 'e' ORDER BY 1",
        [sql.Identifier(schema).as_string(connection)],
    )
    return [name for (name,) in found]
