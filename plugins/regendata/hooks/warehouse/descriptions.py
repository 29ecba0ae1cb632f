"""Descriptions of views and columns as comments on what readers see, for psql, Metabase and whoever looks."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import psycopg
from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.models.dictionary import described
from regendata.models.project import Project
from regendata.models.relation import Relation

log = logging.getLogger(__name__)

_STANDING = """
SELECT n.nspname, c.relname, a.attname,
  CASE WHEN a.attname IS NULL THEN obj_description(c.oid, 'pg_class')
    ELSE col_description(c.oid, a.attnum) END
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT NULL AS attname, NULL AS attnum
  UNION ALL
  SELECT attname, attnum FROM pg_catalog.pg_attribute
  WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
) AS a
WHERE c.relkind = 'v' AND n.nspname = ANY(%s)
"""
#: A comment locks nobody out who reads; who changes the view goes first.
_WAIT = "SET LOCAL lock_timeout = '300ms'"

#: A view, or with a name one of its columns.
Place = tuple[Relation, str | None]


def describe(conn: PgConnection, project: Project) -> int:
    """Bring the comments of a system's views to what its models say; how many were not so before."""
    changed = list(_changes(conn, project))
    try:
        with conn.transaction():
            conn.execute(_WAIT)
            for (relation, column), text in changed:
                conn.execute(_comment(relation, column, text))
    except psycopg.errors.LockNotAvailable:
        log.warning("comments stay as they are until the next time: somebody changes a view")
        return 0
    return len(changed)


def _changes(conn: PgConnection, project: Project) -> Iterator[tuple[Place, str]]:
    wanted = {place: text for relation in project.models for place, text in _told(project, relation)}
    schemas = sorted({relation.schema for relation in project.models})
    for schema, name, column, text in conn.execute(_STANDING, [schemas]).fetchall():
        place = Relation(schema, name), column
        if place in wanted and wanted[place] != (text or ""):
            yield place, wanted[place]


def _told(project: Project, relation: Relation) -> Iterator[tuple[Place, str]]:
    yield (relation, None), " ".join(project.models[relation].description.split())
    for column, text in described(project, relation).items():
        yield (relation, column), " ".join(text.split())


def _comment(relation: Relation, column: str | None, text: str) -> sql.Composed:
    kind, names = ("VIEW", relation) if column is None else ("COLUMN", (*relation, column))
    return sql.SQL("COMMENT ON {} {} IS {}").format(
        sql.SQL(kind), sql.Identifier(*names), sql.Literal(text or None)
    )
