"""What is published and goes out: facts of the build in use, columns, and rows as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation
from regendata.publish.exports.columns import ExportColumn
from regendata.publish.exports.parquet import Row

_PUBLICATION = """
SELECT shown.publication_id, shown.build_id, shown.kind, shown.published_at, refresh.dag_version,
  coalesce(refresh.sources, '[]')
FROM (
  SELECT * FROM meta.publication WHERE system = %s ORDER BY publication_id DESC LIMIT 1
) AS shown
LEFT JOIN meta.refresh AS refresh ON refresh.build_id = shown.build_id
"""

#: A carried-over relation was built, and judged, in an earlier build.
_RELATIONS = """
SELECT part.relation, part.physical, part.fingerprint, made.build_id, part.built_at,
  judged.checks, to_regclass(part.physical) IS NOT NULL
FROM meta.build_relation AS part
INNER JOIN LATERAL (
  SELECT min(build_id) AS build_id FROM meta.build_relation
  WHERE physical = part.physical AND NOT carried_over
) AS made ON true
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'check', check_name, 'severity', severity, 'verdict', verdict, 'figure', figure, 'expected', expected,
    'waiver', waiver
  ) ORDER BY check_name), '[]') AS checks
  FROM meta.check_result WHERE build_id = made.build_id AND relation = part.relation
) AS judged
WHERE part.build_id = %s AND part.relation = ANY(%s)
"""

_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


@dataclass(frozen=True)
class PublicationFacts:
    """The last publication of a system, with what its receipt says."""

    publication: int
    build_id: int
    kind: str
    published_at: datetime
    dag_version: str | None
    sources: list[dict[str, Any]]


@dataclass(frozen=True)
class RelationFacts:
    """A relation of the build in use.

    :param built_in: the build that made it.
    :param checks: as JSON objects, a waiver inside where one was used.
    :param stands: whether its rows are still there.
    """

    place: Relation
    fingerprint: str
    built_in: int
    built_at: datetime
    checks: list[dict[str, Any]]
    stands: bool


@contextmanager
def one_at_a_time(conn: PgConnection) -> Iterator[None]:
    """Exports of different systems write one manifest, so they wait for each other."""
    conn.execute("SELECT pg_advisory_lock(hashtext('regendata export'))")
    try:
        yield
    finally:
        conn.execute("SELECT pg_advisory_unlock(hashtext('regendata export'))")


def publication(conn: PgConnection, system: str) -> PublicationFacts | None:
    """What readers of a system see; None before the first publish."""
    row = conn.execute(_PUBLICATION, [system]).fetchone()
    return PublicationFacts(*row) if row else None


def relations(conn: PgConnection, build_id: int, names: Sequence[str]) -> dict[str, RelationFacts]:
    """Relations of a build by name; those that it was not built with are left out."""
    rows = conn.execute(_RELATIONS, [build_id, list(names)]).fetchall()
    return {row[0]: RelationFacts(Relation.parse(row[1]), *row[2:]) for row in rows}


def columns(conn: PgConnection, place: Relation) -> list[ExportColumn]:
    """Columns in order."""
    return [ExportColumn(*row) for row in conn.execute(_COLUMNS, [str(place)]).fetchall()]


@contextmanager
def csv_rows(conn: PgConnection, statement: sql.Composed, work_mem: str) -> Iterator[Iterable[Row]]:
    """What a COPY sends, row by row; nothing of it is held.

    :param work_mem: memory of the sort; the rest of it goes to disk.
    """
    with conn.transaction(), conn.cursor() as cursor:
        conn.execute("SELECT set_config('work_mem', %s, true)", [work_mem])
        with cursor.copy(statement) as copy:
            yield copy
