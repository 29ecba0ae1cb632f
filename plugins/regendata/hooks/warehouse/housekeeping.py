"""Dropping what nobody reads any more, without ever waiting for somebody who does."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import psycopg
from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation

log = logging.getLogger(__name__)

_KINDS = {"r": "TABLE", "v": "VIEW", "m": "MATERIALIZED VIEW"}
_WAIT = "SET LOCAL lock_timeout = '300ms'"
_EMPTY_SCHEMAS_QUERY = """
SELECT n.nspname FROM pg_catalog.pg_namespace AS n
WHERE n.nspname = ANY(%s) AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = n.oid
)
ORDER BY 1
"""


def drop_schemas(conn: PgConnection, names: Sequence[str]) -> None:
    """Drop schemas with all that the engine made inside; one that is in use stays for the next time."""
    for kind, word in _KINDS.items():
        rows = conn.execute(
            "SELECT n.nspname, c.relname FROM pg_class AS c "
            "INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace "
            "WHERE n.nspname = ANY(%s) AND c.relkind = %s ORDER BY c.oid DESC",
            [list(names), kind],
        ).fetchall()
        drop_relations(conn, [Relation(*row) for row in rows], word)
    _drop_empty_schemas(conn, names)


def drop_relations(conn: PgConnection, relations: Iterable[Relation], kind: str) -> None:
    """Drop relations of one kind; what somebody reads or builds on stays for the next time.

    One statement takes those that read each other together. If one of them has to stay, each is tried alone,
    in the order given: readers of others first.
    """
    names = list(relations)
    if not names or _dropped(conn, names, kind):
        return
    for name in names if len(names) > 1 else ():
        _dropped(conn, [name], kind)


def _dropped(conn: PgConnection, names: Sequence[Relation], kind: str) -> bool:
    statement = sql.SQL("DROP {} IF EXISTS {}").format(
        sql.SQL(kind), sql.SQL(", ").join(sql.Identifier(*name) for name in names)
    )
    try:
        with conn.transaction():
            conn.execute(_WAIT)
            conn.execute(statement)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DependentObjectsStillExist) as error:
        log.warning("%s stay until the next time: %s", ", ".join(map(str, names)), str(error).splitlines()[0])
        return False
    _drop_empty_schemas(conn, {name.schema for name in names})
    return True


def _drop_empty_schemas(conn: PgConnection, names: Iterable[str]) -> None:
    """DROP SCHEMA locks what stands inside before it refuses, so it is tried on empty schemas only."""
    rows = conn.execute(_EMPTY_SCHEMAS_QUERY, [sorted(names)]).fetchall()
    for (name,) in rows:
        try:
            with conn.transaction():
                conn.execute(_WAIT)
                conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(sql.Identifier(name)))
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DependentObjectsStillExist):
            log.debug("schema %s stays until the next time", name)
