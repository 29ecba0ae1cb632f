"""What is kept of builds, and what goes: what never came out, and what is older than the last few."""

from __future__ import annotations

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import approvals, housekeeping, publications
from regendata.publish.plan import BUILD_PREFIX

#: Bytes on disk per kept build; what several builds show counts for the newest of them.
_DISK_QUERY = sql.SQL("""
SELECT build_id, coalesce(sum(bytes), 0)::bigint FROM (
  SELECT max(r.build_id) AS build_id, pg_total_relation_size(to_regclass(held.place)) AS bytes
  FROM meta.build_relation AS r CROSS JOIN unnest(r.physical || r.parts) AS held (place)
  WHERE r.build_id IN ({}) AND to_regclass(held.place) IS NOT NULL
  GROUP BY held.place
) AS relations
GROUP BY build_id ORDER BY build_id DESC
""").format(publications.SHOWN_BUILDS)

#: Relations of builds that none of the last builds in use shows, and no open build, nor anything they read
#: by their definition; what was made later may read what was made before, so it comes first. Views that a
#: rollback made beside old relations stay while a facade shows them.
_OLD_QUERY = sql.SQL("""
WITH RECURSIVE kept AS (
  SELECT to_regclass(held.place)::oid AS oid
  FROM meta.build_relation AS r CROSS JOIN unnest(r.physical || r.parts) AS held (place)
  WHERE r.build_id IN (
    SELECT build_id FROM ({} LIMIT %(keep)s) AS shown
    UNION ALL SELECT build_id FROM meta.build WHERE system = %(system)s AND state = ANY(%(open)s)
  )
  UNION
  SELECT d.refobjid FROM kept
  INNER JOIN pg_rewrite AS rule ON rule.ev_class = kept.oid
  INNER JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = rule.oid
    AND d.refclassid = 'pg_class'::regclass
)
SELECT n.nspname, c.relname, c.relkind::text FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN meta.build AS b ON b.system = %(system)s AND n.nspname = %(prefix)s || b.build_id
WHERE c.relkind IN ('r', 'v', 'm') AND c.oid NOT IN (SELECT oid FROM kept WHERE oid IS NOT NULL)
  AND NOT EXISTS (
    SELECT FROM pg_depend AS d INNER JOIN pg_rewrite AS r ON r.oid = d.objid AND r.ev_class <> c.oid
    INNER JOIN pg_class AS reader ON reader.oid = r.ev_class
    WHERE c.relkind = 'v' AND d.refobjid = c.oid AND d.classid = 'pg_rewrite'::regclass
      AND reader.relnamespace <> ALL (
        SELECT oid FROM pg_namespace WHERE starts_with(nspname, %(prefix)s)
      )
  )
ORDER BY c.oid DESC
""").format(publications.SHOWN_BUILDS)


def give_up_open_builds(conn: PgConnection, system: str, reason: str, run_id: str | None = None) -> None:
    """Mark builds that never ended as failed and drop what they made.

    :param run_id: only builds of this run; None means all, for whoever opens the next build.
    """
    conn.execute(
        "UPDATE meta.build SET state = 'failed', finished_at = clock_timestamp(), reason = %(reason)s "
        "WHERE system = %(system)s AND ("
        "state = 'building' AND (%(run_id)s::text IS NULL OR run_id = %(run_id)s) "
        "OR state = ANY(%(parked)s) AND run_id = %(run_id)s)",
        {"system": system, "reason": reason, "run_id": run_id, "parked": approvals.PARKED},
    )
    drop_ended(conn, system)


def drop_ended(conn: PgConnection, system: str) -> None:
    """Drop what builds made that will never be published."""
    # Also what an earlier attempt could not drop, because a killed worker's session was still at it.
    dead = conn.execute(
        "SELECT nspname FROM pg_namespace INNER JOIN meta.build ON nspname = %s || build_id "
        "WHERE system = %s AND state IN ('failed', 'rejected', 'superseded')",
        [BUILD_PREFIX, system],
    ).fetchall()
    housekeeping.drop_schemas(conn, [schema for (schema,) in dead])


def drop_old(conn: PgConnection, system: str, keep: int) -> None:
    """Drop relations that none of the last ``keep`` builds in use shows, and no open build."""
    rows = conn.execute(
        _OLD_QUERY,
        {
            "system": system,
            "prefix": BUILD_PREFIX,
            "keep": keep,
            "open": ["building", *approvals.PARKED],
        },
    ).fetchall()
    housekeeping.drop_kinds(conn, rows)
    _drop_empty(conn, system)
    conn.execute("DELETE FROM meta.relation_digest WHERE to_regclass(physical) IS NULL")


def _drop_empty(conn: PgConnection, system: str) -> None:
    """A build in which everything turned out the same leaves a schema with nothing in it."""
    rows = conn.execute(
        "SELECT nspname FROM pg_namespace INNER JOIN meta.build ON nspname = %s || build_id "
        "WHERE system = %s AND state = 'published'",
        [BUILD_PREFIX, system],
    ).fetchall()
    housekeeping.drop_empty_schemas(conn, [schema for (schema,) in rows])


def disk_use(conn: PgConnection, system: str) -> dict[int, int]:
    """Bytes that each published build still takes, the newest first."""
    rows = conn.execute(_DISK_QUERY, {"system": system}).fetchall()
    return {int(build_id): int(size) for build_id, size in rows}
