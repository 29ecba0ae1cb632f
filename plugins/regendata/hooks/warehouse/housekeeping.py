"""Dropping what nobody reads any more, without ever waiting for somebody who does."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

import psycopg
from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.parts import KINDS
from regendata.models.relation import Relation

log = logging.getLogger(__name__)

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
    rows = conn.execute(
        "SELECT n.nspname, c.relname, c.relkind::text FROM pg_class AS c "
        "INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE n.nspname = ANY(%s) AND c.relkind = ANY(%s) ORDER BY c.oid DESC",
        [list(names), list(KINDS)],
    ).fetchall()
    drop_kinds(conn, rows)
    drop_empty_schemas(conn, names)


def drop_kinds(conn: PgConnection, relations: Iterable[tuple[str, str, str]]) -> None:
    """Drop relations given as (schema, name, kind in pg_class); those that read others come first."""
    for kind, same in groupby(relations, key=itemgetter(2)):
        drop_relations(conn, [Relation(*one[:2]) for one in same], KINDS[kind])


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
    drop_empty_schemas(conn, {name.schema for name in names})
    return True


def drop_empty_schemas(conn: PgConnection, names: Iterable[str]) -> None:
    """DROP SCHEMA locks what stands inside before it refuses, so it is tried on empty schemas only."""
    rows = conn.execute(_EMPTY_SCHEMAS_QUERY, [sorted(names)]).fetchall()
    for (name,) in rows:
        try:
            with conn.transaction():
                conn.execute(_WAIT)
                conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(sql.Identifier(name)))
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DependentObjectsStillExist):
            log.debug("schema %s stays until the next time", name)
