"""Databases for the generator's tests, and how two of them are compared."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from sandbox.layout import Sandbox


@dataclass(frozen=True)
class Sources:
    """URLs of a database for the indexer and one for MACI."""

    indexer: str = field(repr=False)
    maci: str = field(repr=False)


@contextmanager
def empty_sources(cluster: Sandbox) -> Iterator[Sources]:
    """Two empty databases; dropped at the end."""
    names = [f"source_{secrets.token_hex(6)}" for _ in range(2)]
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield Sources(*map(cluster.dsn, names))
        finally:
            for name in names:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def query(dsn: str, statement: str) -> list[tuple[Any, ...]]:
    """Rows of one statement, in UTC."""
    with psycopg.connect(dsn, options="-c TimeZone=UTC") as connection:
        return connection.execute(statement).fetchall()


def value(dsn: str, statement: str) -> Any:
    """The one value of a statement."""
    ((only,),) = query(dsn, statement)
    return only


def fingerprints(dsn: str) -> dict[str, tuple[int, Any]]:
    """Row count and order-free hash of every table in every schema version."""
    tables = query(
        dsn,
        "SELECT schemaname, tablename FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    hashed = "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {} AS t"
    with psycopg.connect(dsn, options="-c TimeZone=UTC") as connection:
        return {
            f"{schema}.{table}": connection.execute(
                sql.SQL(hashed).format(sql.Identifier(schema, table))
            ).fetchone()
            for schema, table in tables
        }
