"""Copies of template databases: a file copy of a small template takes 50 ms, so every test gets its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from sandbox import bootstrap
from sandbox.layout import SUPERUSER, Sandbox


def make_clone(
    sandbox: Sandbox, template: str, name: str, owner: str = SUPERUSER, guests: Sequence[str] = ()
) -> None:
    """A copy of a template that nobody is connected to, with the template's rights to connect."""
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy")
    with psycopg.connect(sandbox.dsn("postgres"), autocommit=True) as connection:
        connection.execute(statement.format(*map(sql.Identifier, (name, owner, template))))
        bootstrap.make_database(connection, name, owner, guests)


def drop(sandbox: Sandbox, name: str) -> None:
    """Drop a database, whoever is still connected."""
    with psycopg.connect(sandbox.dsn("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def clone(
    sandbox: Sandbox, template: str, owner: str = SUPERUSER, guests: Sequence[str] = ()
) -> Iterator[str]:
    """Name of a copy of a template, dropped at the end."""
    name = f"test_{secrets.token_hex(6)}"
    make_clone(sandbox, template, name, owner, guests)
    try:
        yield name
    finally:
        drop(sandbox, name)
