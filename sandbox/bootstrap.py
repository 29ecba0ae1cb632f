"""Roles, databases and rights of the cluster, as in production; every step may run again."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from sandbox.layout import SUPERUSER, Sandbox

WAREHOUSE = "Grants"
METADATA = "airflow"
SOURCES = {"indexer": "indexer_reader", "maci": "maci_reader"}
TWEETS, TWEETS_READER = "ct_scanner", "ct_scanner_reader"
OWNER = "grants_owner"
ANALYSTS = "grants_analyst"
ANALYST = "metabase"
#: The public API: it reads what is published.
API_READER = "public_api"
#: The public form for sign-ups: it may hand one in, and nothing else.
FORM = "sign_up_form"
LOGINS = (OWNER, ANALYST, API_READER, FORM, METADATA, *SOURCES.values(), TWEETS_READER)


def bootstrap(sandbox: Sandbox) -> None:
    """Bring the running cluster to the state the connections of `.sandbox/env` need."""
    readers = SOURCES | {TWEETS: TWEETS_READER}
    with psycopg.connect(sandbox.dsn("postgres"), autocommit=True) as connection:
        make_role(connection, ANALYSTS)
        for role in LOGINS:
            make_role(connection, role, sandbox.secret(f"postgres_{role}"))
        connection.execute(sql.SQL("GRANT {} TO {}").format(_name(ANALYSTS), _name(ANALYST)))
        make_keeper(connection, OWNER, [ANALYSTS, ANALYST, API_READER, FORM])
        # The restore drill makes a database of its own.
        connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(_name(OWNER)))
        make_database(connection, WAREHOUSE, OWNER, guests=[ANALYSTS, API_READER, FORM])
        make_database(connection, METADATA, METADATA)
        for database, reader in readers.items():
            make_database(connection, database, SUPERUSER, guests=[reader])
    prepare_warehouse(sandbox, WAREHOUSE)
    for database, reader in readers.items():
        prepare_source(sandbox, database, reader)


def make_role(connection: psycopg.Connection, role: str, password: str | None = None) -> None:
    """Create a role if missing: a group without a password, else a login that gets this password."""
    if not _exists(connection, "pg_roles", "rolname", role):
        connection.execute(sql.SQL("CREATE ROLE {}").format(_name(role)))
    if password is not None:
        login = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
        connection.execute(login.format(_name(role), sql.Literal(password)))


def make_keeper(connection: psycopg.Connection, keeper: str, roles: Sequence[str]) -> None:
    """Let one role manage others, and act as them, without having their rights by itself."""
    connection.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(_name(keeper)))
    grant = sql.SQL("GRANT {} TO {} WITH ADMIN TRUE, INHERIT FALSE, SET TRUE")
    connection.execute(grant.format(sql.SQL(", ").join(map(_name, roles)), _name(keeper)))


def make_database(connection: psycopg.Connection, name: str, owner: str, guests: Sequence[str] = ()) -> None:
    """Create a database if missing; only its owner and the guests may connect."""
    if not _exists(connection, "pg_database", "datname", name):
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(_name(name), _name(owner)))
    connection.execute(sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(_name(name)))
    for guest in guests:
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(_name(name), _name(guest)))


def prepare_warehouse(sandbox: Sandbox, database: str) -> None:
    """What only a superuser can do for the warehouse: the postgres_fdw extension and the right to use it."""
    with psycopg.connect(sandbox.dsn(database), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgres_fdw")
        grant = sql.SQL("GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {} WITH GRANT OPTION")
        connection.execute(grant.format(_name(OWNER)))
        connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(_name(OWNER)))


def prepare_source(sandbox: Sandbox, database: str, reader: str) -> None:
    """Every schema and table made in a source database from now on is readable, for this reader only."""
    rights = "ALTER DEFAULT PRIVILEGES GRANT {} ON {} TO {}"
    with psycopg.connect(sandbox.dsn(database), autocommit=True) as connection:
        for right, kind in (("USAGE", "SCHEMAS"), ("SELECT", "TABLES")):
            connection.execute(sql.SQL(rights).format(sql.SQL(right), sql.SQL(kind), _name(reader)))


def _exists(connection: psycopg.Connection, catalog: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT FROM {} WHERE {} = %s").format(_name(catalog), _name(column))
    return connection.execute(query, [name]).rowcount > 0


def _name(name: str) -> sql.Identifier:
    return sql.Identifier(name)
