"""Trouble inside a source database: new schema versions, lost chains, changed columns, no connections.

Every function takes the superuser's URL of the database. Only `down` can be undone (by `up`); a source that
lost data or columns is made anew by `make clean-sandbox`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sandbox.exceptions import BadTrouble, NoSourceSchema, PostgresError
from sandbox.postgres import program

PREFIX = "chain_data_"
SCHEMA = re.compile(rf"{PREFIX}(\d{{2,3}})")
MAINTENANCE = "postgres"
# What an indexer writes last: the events, donations or (MACI) contributions with their messages.
GROWING = {"donations", "contributions"}
MESSAGES = "messages"


def versions(dsn: str) -> list[int]:
    """Numbers NN of the schemas chain_data_NN, ascending."""
    with psycopg.connect(dsn) as connection:
        names = connection.execute("SELECT nspname FROM pg_namespace").fetchall()
    return sorted(int(found[1]) for (name,) in names if (found := SCHEMA.fullmatch(name)))


def newest(dsn: str) -> int:
    """The highest version; NoSourceSchema if there is none."""
    found = versions(dsn)
    if not found:
        raise NoSourceSchema(f"database {_database(dsn)} holds no schema {PREFIX}NN")
    return found[-1]


def schema_of(version: int) -> str:
    return f"{PREFIX}{version}"


def new_version(
    dsn: str,
    version: int,
    *,
    copy_of: int | None = None,
    without_chain: int | None = None,
    half: bool = False,
) -> None:
    """Copy a schema to a new one, as an indexer that was redeployed would have it.

    :param copy_of: the version to copy, the newest unless said.
    :param without_chain: a chain the copy lacks.
    :param half: the copy has only the earlier half of each chain's events, as while still indexing.
    """
    if version in versions(dsn):
        raise BadTrouble(f"{schema_of(version)} exists already")
    old, new = schema_of(copy_of or newest(dsn)), schema_of(version)
    _copy_definitions(dsn, old, new, "pre-data")
    with psycopg.connect(dsn) as connection:
        for table in tables(connection, new):
            _copy_rows(connection, table, old, new)
        if half:
            _drop_later_half(connection, new)
        if without_chain is not None:
            _delete_chain(connection, new, without_chain)
    _copy_definitions(dsn, old, new, "post-data")


def _copy_definitions(dsn: str, old: str, new: str, section: str) -> None:
    """pg_dump knows every detail (types, keys, grants); only the name of the schema is replaced."""
    script = _client(dsn, "pg_dump", ["--schema", old, "--section", section])
    script = script.replace(f"{old}.", f"{new}.").replace(f"SCHEMA {old}", f"SCHEMA {new}")
    _client(
        dsn, "psql", ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--single-transaction"], script
    )


def _client(dsn: str, name: str, options: Sequence[str], script: str = "") -> str:
    """Output of a PostgreSQL client program; the password travels by its environment, not its arguments."""
    address = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
    secret = {"PGPASSWORD": address.pop("password")}
    command = [program(name), *options, "--dbname", make_conninfo("", **address)]
    done = subprocess.run(command, env=secret, capture_output=True, text=True, input=script)
    if done.returncode != 0:
        raise PostgresError(f"{name} failed: {done.stderr.strip()}")
    return done.stdout


def tables(connection: psycopg.Connection, schema: str) -> list[str]:
    """Names of a schema's tables."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1"
    return [name for (name,) in connection.execute(query, [schema])]


def columns(connection: psycopg.Connection, schema: str, table: str) -> dict[str, str]:
    """Column name -> type as SQL, in the table's order."""
    query = """
        SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND attnum > 0 AND NOT attisdropped
        ORDER BY attnum
    """
    return dict(connection.execute(query, [schema, table]).fetchall())


def _copy_rows(connection: psycopg.Connection, table: str, old: str, new: str) -> None:
    """Enum types belong to their schema: a value passes from one to the other as text."""
    values = [
        sql.SQL("{}::text::{}").format(sql.Identifier(name), sql.SQL(kind))
        if kind.startswith(f"{new}.")
        else sql.Identifier(name)
        for name, kind in columns(connection, new, table).items()
    ]
    copy = sql.SQL("INSERT INTO {} SELECT {} FROM {}")
    connection.execute(
        copy.format(sql.Identifier(new, table), sql.SQL(", ").join(values), sql.Identifier(old, table))
    )


def _drop_later_half(connection: psycopg.Connection, schema: str) -> None:
    present = tables(connection, schema)
    later = """
        DELETE FROM {table} AS t USING (
          SELECT chain_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY timestamp) AS middle
          FROM {table} GROUP BY chain_id
        ) AS c
        WHERE t.chain_id = c.chain_id AND t.timestamp > c.middle
    """
    for table in GROWING.intersection(present):
        connection.execute(sql.SQL(later).format(table=sql.Identifier(schema, table)))
    if MESSAGES in present:
        orphans = "DELETE FROM {} WHERE contribution_id NOT IN (SELECT id FROM {})"
        names = sql.Identifier(schema, MESSAGES), sql.Identifier(schema, "contributions")
        connection.execute(sql.SQL(orphans).format(*names))


def drop_chain(dsn: str, chain: int, version: int | None = None) -> None:
    """Delete all rows of a chain in one version, the newest unless said; BadTrouble if there are none."""
    with psycopg.connect(dsn) as connection:
        schema = schema_of(version or newest(dsn))
        if not _delete_chain(connection, schema, chain):
            raise BadTrouble(f"{schema} has no rows of chain {chain}")


def _delete_chain(connection: psycopg.Connection, schema: str, chain: int) -> int:
    """Number of rows deleted; foreign keys are not looked at, as whole chains go."""
    connection.execute("SET LOCAL session_replication_role = replica")
    delete = sql.SQL("DELETE FROM {} WHERE chain_id = %s")
    names = [name for name in tables(connection, schema) if "chain_id" in columns(connection, schema, name)]
    return sum(
        connection.execute(delete.format(sql.Identifier(schema, name)), [chain]).rowcount for name in names
    )


def drop_column(dsn: str, table: str, column: str, version: int | None = None) -> None:
    """Remove a column, in every version unless one is said."""
    for connection, schema in _with_column(dsn, table, column, version):
        drop = sql.SQL("ALTER TABLE {} DROP COLUMN {}")
        connection.execute(drop.format(sql.Identifier(schema, table), sql.Identifier(column)))


def retype_column(dsn: str, table: str, column: str, kind: str, version: int | None = None) -> None:
    """Give a column another type, its values converted by way of text."""
    for connection, schema in _with_column(dsn, table, column, version):
        retype = sql.SQL("ALTER TABLE {} ALTER COLUMN {column} TYPE {kind} USING {column}::text::{kind}")
        connection.execute(
            retype.format(
                sql.Identifier(schema, table), column=sql.Identifier(column), kind=_type(connection, kind)
            )
        )


def add_column(dsn: str, table: str, column: str, kind: str, version: int | None = None) -> None:
    """Append a column of nulls, in every version unless one is said."""
    for connection, schema in _with_table(dsn, table, version):
        add = sql.SQL("ALTER TABLE {} ADD COLUMN {} {}")
        relation = sql.Identifier(schema, table)
        connection.execute(add.format(relation, sql.Identifier(column), _type(connection, kind)))


def _with_column(
    dsn: str, table: str, column: str, version: int | None
) -> Iterator[tuple[psycopg.Connection, str]]:
    for connection, schema in _with_table(dsn, table, version):
        if column not in columns(connection, schema, table):
            raise BadTrouble(f"{schema}.{table} has no column {column}")
        yield connection, schema


def _with_table(dsn: str, table: str, version: int | None) -> Iterator[tuple[psycopg.Connection, str]]:
    """One transaction over all wanted versions that have the table; BadTrouble if none has."""
    wanted = versions(dsn) if version is None else [version]
    with psycopg.connect(dsn) as connection:
        found = [name for name in map(schema_of, wanted) if table in tables(connection, name)]
        if not found:
            raise BadTrouble(f"no {PREFIX}NN of {_database(dsn)} has a table {table}")
        for schema in found:
            yield connection, schema


def _type(connection: psycopg.Connection, kind: str) -> sql.SQL:
    """A type as PostgreSQL itself writes it, so that nothing else can hide in the name."""
    row = connection.execute("SELECT format_type(to_regtype(%s), to_regtypemod(%s))", [kind, kind]).fetchone()
    if row is None or row[0] is None:
        raise BadTrouble(f"PostgreSQL knows no type {kind}")
    return sql.SQL(row[0])


def down(dsn: str) -> None:
    """Refuse connections to the database and end those there are."""
    _allow_connections(dsn, allow=False)
    with psycopg.connect(_maintenance(dsn)) as connection:
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(end, [_database(dsn)])


def up(dsn: str) -> None:
    """Accept connections again."""
    _allow_connections(dsn, allow=True)


def _allow_connections(dsn: str, *, allow: bool) -> None:
    alter = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(_maintenance(dsn)) as connection:
        connection.execute(alter.format(sql.Identifier(_database(dsn)), sql.Literal(allow)))


def _database(dsn: str) -> str:
    return str(conninfo_to_dict(dsn)["dbname"])


def _maintenance(dsn: str) -> str:
    """The same server and user, another database: nobody closes the one he is connected to."""
    return make_conninfo(dsn, dbname=MAINTENANCE)
