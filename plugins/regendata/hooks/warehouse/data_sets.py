"""What readers see right now: which publication, and every published relation with its figures and checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from regendata.hooks.postgres import PgConnection

#: Publications of all systems and the last look at the sources decide what any answer says.
_PUBLICATION = """
SELECT
  coalesce((SELECT max(publication_id) FROM meta.publication), 0)::text
    || '.' || coalesce((SELECT max(build_id) FROM meta.refresh), 0)::text AS tag,
  shown.published_at,
  coalesce((
    SELECT max((source.fact ->> 'snapshot_at')::timestamptz)
    FROM meta.refresh AS refresh CROSS JOIN LATERAL jsonb_array_elements(refresh.sources) AS source (fact)
    WHERE refresh.build_id = shown.build_id AND source.fact ->> 'source' = 'indexer'
  ), shown.published_at) AS as_of
FROM (
  SELECT build_id, published_at FROM meta.publication
  WHERE system = %s ORDER BY publication_id DESC LIMIT 1
) AS shown
"""

_STATUS = """
WITH shown AS (
  SELECT DISTINCT ON (system) system, build_id, published_at, kind
  FROM meta.publication ORDER BY system, publication_id DESC
), looked AS (
  SELECT system, max(finished_at) AS checked_at FROM meta.refresh GROUP BY system
), made AS (
  SELECT physical, min(build_id) AS build_id FROM meta.build_relation WHERE NOT carried_over GROUP BY physical
)
SELECT
  part.relation,
  obj_description(to_regclass(part.relation), 'pg_class') AS description,
  shown.system,
  shown.build_id,
  made.build_id AS built_in,
  part.row_count AS rows,
  part.byte_count AS bytes,
  part.amount_usd,
  part.built_at,
  shown.published_at,
  looked.checked_at,
  coalesce(judged.passed, 0) AS checks_passed,
  coalesce(judged.waived, 0) AS checks_waived,
  coalesce(judged.failed, 0) AS checks_failed
FROM shown
INNER JOIN meta.build_relation AS part ON part.build_id = shown.build_id
LEFT JOIN looked ON looked.system = shown.system
LEFT JOIN made ON made.physical = part.physical
LEFT JOIN LATERAL (
  SELECT
    count(*) FILTER (WHERE result.verdict = 'passed') AS passed,
    count(*) FILTER (WHERE result.verdict = 'waived') AS waived,
    count(*) FILTER (WHERE result.verdict = 'failed') AS failed
  FROM meta.check_result AS result
  WHERE result.build_id = made.build_id AND result.relation = part.relation
) AS judged ON true
WHERE part.relation NOT LIKE 'intermediate.%%'
ORDER BY shown.system, part.relation
"""


@dataclass(frozen=True)
class Shown:
    """What readers see.

    :param tag: another one whenever an answer may be another one.
    :param as_of: the sources' own time, or that of the publication where they tell none.
    """

    tag: str
    published_at: datetime
    as_of: datetime


def shown(conn: PgConnection, system: str) -> Shown | None:
    """The publication of a system that is in use; None before the first."""
    row = conn.execute(_PUBLICATION, [system]).fetchone()
    return Shown(*row) if row else None


def status(conn: PgConnection) -> list[dict[str, Any]]:
    """Every published relation of every system."""
    return conn.cursor(row_factory=dict_row).execute(_STATUS, []).fetchall()
