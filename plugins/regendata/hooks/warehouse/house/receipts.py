"""Receipts of refreshes: a page of them, one in full, and a year of them day by day."""

from __future__ import annotations

from collections.abc import Sequence

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.house.reading import Row, rows
from regendata.models.relation import Relation

PAGE_ROWS = 25
HISTORY_DAYS = 365
#: Publications among which the builds to go back to are looked for.
RECENT_PUBLICATIONS = 40
ENDED = ("published", "unchanged", "rejected", "superseded", "failed")

_PAGE = """
SELECT b.build_id, b.system, b.run_id, b.state, b.reason, b.started_at, b.finished_at, b.based_on,
  f.dag_id, f.dag_version, f.publish_seconds, f.approval ->> 'answer' AS answer, f.approval ->> 'who' AS who
FROM (
  SELECT * FROM meta.build
  WHERE build_id < %(before)s AND system = %(system)s
    AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
  ORDER BY build_id DESC LIMIT %(most)s
) AS b
LEFT JOIN meta.refresh AS f ON f.build_id = b.build_id
ORDER BY b.build_id DESC
"""
_BUILT = """
SELECT build_id, count(*) AS relations, count(*) FILTER (WHERE NOT carried_over) AS rebuilt,
  sum(row_count) AS row_count
FROM meta.build_relation WHERE build_id = ANY(%(builds)s) GROUP BY build_id
"""
_CHANGED = """
SELECT build_id, sum(added_rows) AS added, sum(removed_rows) AS removed, sum(changed_rows) AS changed,
  min(compared_share) AS compared_share
FROM meta.relation_diff WHERE build_id = ANY(%(builds)s) GROUP BY build_id
"""
_JUDGED = """
SELECT build_id, count(*) AS checks, count(*) FILTER (WHERE verdict = 'failed') AS failed,
  count(*) FILTER (WHERE verdict = 'waived') AS waived
FROM meta.check_result WHERE build_id = ANY(%(builds)s) GROUP BY build_id
"""
_DAYS = """
SELECT (started_at AT TIME ZONE 'UTC')::date AS day,
  count(*) FILTER (WHERE state = 'published') AS published,
  count(*) FILTER (WHERE state = 'unchanged') AS unchanged,
  count(*) FILTER (WHERE state IN ('failed', 'rejected', 'superseded')) AS not_published,
  max(extract(epoch FROM finished_at - started_at))::float8 AS slowest_s
FROM meta.build
WHERE system = %(system)s AND started_at > current_date - %(days)s::integer
GROUP BY day ORDER BY day
"""
_ONE = """
SELECT b.build_id, b.system, b.run_id, b.state, b.reason, b.started_at, b.finished_at, b.based_on,
  f.dag_id, f.dag_version, f.publish_seconds, f.publish_attempts, f.sources, f.disk,
  coalesce(f.approval, to_jsonb(a)) AS approval
FROM meta.build AS b
LEFT JOIN meta.refresh AS f ON f.build_id = b.build_id
LEFT JOIN meta.approval AS a ON a.build_id = b.build_id
WHERE b.build_id = %(build)s
"""
_RELATIONS = """
SELECT r.relation, r.carried_over, r.way, r.why, r.row_count, r.byte_count, r.amount_usd, r.seconds,
  r.built_at, d.added_rows, d.removed_rows, d.changed_rows, d.changed_columns, d.partitions, d.shape,
  d.reason AS not_compared, d.compared_share
FROM meta.build_relation AS r
LEFT JOIN meta.relation_diff AS d ON d.build_id = r.build_id AND d.relation = r.relation
WHERE r.build_id = %(build)s ORDER BY r.carried_over, r.relation
"""
_CHECKS = """
SELECT relation, check_name, severity, verdict, figure, expected, statement, samples, waiver
FROM meta.check_result WHERE build_id = %(build)s
ORDER BY verdict IN ('failed', 'waived') DESC, relation, check_name
"""
_PUBLICATIONS = """
SELECT kind, who, why, published_at, replaced_build_id, run_id FROM meta.publication
WHERE build_id = %(build)s ORDER BY publication_id DESC LIMIT 20
"""
_SHOWN = """
SELECT build_id FROM meta.publication WHERE system = %(system)s ORDER BY publication_id DESC LIMIT %(most)s
"""
_STANDING = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'v', 'm')
"""


def page(conn: PgConnection, system: str, before: int | None, states: Sequence[str] | None) -> list[Row]:
    """Builds of a system with their figures, newest first.

    :param before: the page begins below this build; None is the newest page.
    :param states: only builds that ended so.
    """
    asked = {
        "system": system,
        "before": before or 2**62,
        "states": list(states) if states else None,
        "most": PAGE_ROWS,
    }
    found = rows(conn, _PAGE, asked)
    builds = {"builds": [one["build_id"] for one in found]}
    figures: dict[int, Row] = {}
    for query in (_BUILT, _CHANGED, _JUDGED):
        for row in rows(conn, query, builds):
            figures.setdefault(row["build_id"], {}).update(row)
    return [one | figures.get(one["build_id"], {}) for one in found]


def days(conn: PgConnection, system: str) -> list[Row]:
    """The last year, one row per day with a build: how many ended how, and the slowest one's seconds."""
    return rows(conn, _DAYS, {"system": system, "days": HISTORY_DAYS})


def receipt(conn: PgConnection, build_id: int) -> Row | None:
    """One build with its relations, checks and publications; None for no such build."""
    asked = {"build": build_id}
    found = rows(conn, _ONE, asked)
    if not found:
        return None
    return found[0] | {
        "relations": rows(conn, _RELATIONS, asked),
        "checks": rows(conn, _CHECKS, asked),
        "publications": rows(conn, _PUBLICATIONS, asked),
    }


def builds_to_go_back_to(conn: PgConnection, system: str) -> list[int]:
    """Builds that were in use and are kept whole, the last one first; the first is the one in use."""
    shown = rows(conn, _SHOWN, {"system": system, "most": RECENT_PUBLICATIONS})
    builds = list(dict.fromkeys(one["build_id"] for one in shown))
    query = "SELECT build_id, physical FROM meta.build_relation WHERE build_id = ANY(%(builds)s)"
    places: dict[int, set[Relation]] = {}
    for row in rows(conn, query, {"builds": builds}):
        places.setdefault(row["build_id"], set()).add(Relation.parse(row["physical"]))
    schemas = sorted({place.schema for found in places.values() for place in found})
    standing = {Relation(*row.values()) for row in rows(conn, _STANDING, {"schemas": schemas})}
    return [build for build in builds if places.get(build) and places[build] <= standing]
