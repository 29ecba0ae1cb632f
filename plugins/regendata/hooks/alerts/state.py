"""What was told already, in ``meta.alert``: everybody who tells asks here first."""

from __future__ import annotations

from collections.abc import Collection

from regendata import paths
from regendata.alerts.alert import Alert
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.models.tables import load_tables

_LOCK = """
SELECT closed_at IS NOT NULL OR told_at IS NULL
  OR told_at < clock_timestamp() - make_interval(hours => %(repeat)s)
FROM meta.alert WHERE alert_key = %(key)s
"""
_SEE = """
INSERT INTO meta.alert AS a (alert_key, kind, body, told_at)
VALUES (%(key)s, %(kind)s, %(body)s, clock_timestamp())
ON CONFLICT (alert_key) DO UPDATE SET
  body = excluded.body,
  seen = CASE WHEN a.closed_at IS NULL THEN a.seen + 1 ELSE 1 END,
  first_seen_at = CASE WHEN a.closed_at IS NULL THEN a.first_seen_at ELSE clock_timestamp() END,
  last_seen_at = clock_timestamp(),
  told_at = CASE WHEN %(due)s THEN clock_timestamp() ELSE a.told_at END,
  closed_at = NULL
"""
#: Any constant; who sees something new at the same moment as somebody else waits here for his turn.
_ADVISORY_LOCK = 7_231_009


def ensure(conn: PgConnection, table: str = "meta.alert") -> None:
    """Make the meta tables if this one is missing; asking first saves reading all files of tables."""
    row = conn.execute("SELECT to_regclass(%s) IS NULL", [table]).fetchone()
    if row and row[0]:
        ensure_meta(conn, load_tables(paths.TABLES))


def claim(conn: PgConnection, alert: Alert, body: str, repeat_hours: int) -> bool:
    """Whether it is time to tell; the caller does, or calls :func:`release`."""
    given = {"key": alert.key, "kind": alert.kind.value, "body": body, "repeat": repeat_hours}
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
        row = conn.execute(_LOCK, given).fetchone()
        due = row is None or bool(row[0])
        conn.execute(_SEE, {**given, "due": due})
    return due


def release(conn: PgConnection, alert: Alert) -> None:
    """Nobody could be told: the next who sees it tries again."""
    conn.execute("UPDATE meta.alert SET told_at = NULL WHERE alert_key = %s", [alert.key])


def close(conn: PgConnection, kinds: Collection[str], still_wrong: Collection[str]) -> list[str]:
    """Close open alerts of some kinds that are not wrong any more; returns their keys."""
    rows = conn.execute(
        "UPDATE meta.alert SET closed_at = clock_timestamp() "
        "WHERE closed_at IS NULL AND kind = ANY(%s) AND alert_key <> ALL(%s) RETURNING alert_key",
        [list(kinds), list(still_wrong)],
    ).fetchall()
    return sorted(key for (key,) in rows)
