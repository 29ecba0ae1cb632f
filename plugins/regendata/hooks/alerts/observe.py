"""What alerts are judged by: one question each, so that one that cannot be answered hides no other."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from regendata.alerts.judge import Disk, Hole, Waiting
from regendata.hooks.postgres import PgConnection

#: Moment of the last success per thing, from each table that knows some.
_LAST = {
    "meta.refresh": "SELECT system, max(finished_at) FROM meta.refresh GROUP BY 1",
    "cdr_market.run": (
        "SELECT 'cdr_market', max(written_at) FROM cdr_market.run WHERE state IN ('published', 'unchanged') "
        "HAVING count(*) > 0"
    ),
    "meta.backup": "SELECT kind, max(finished_at) FROM meta.backup GROUP BY 1",
}
_WAITING = """
SELECT b.system, b.build_id, a.asked_at FROM meta.approval AS a INNER JOIN meta.build AS b USING (build_id)
WHERE a.answered_at IS NULL AND b.state = 'awaiting_approval' ORDER BY 2
"""
_HOLES = """
SELECT u.source || ' ' || u.endpoint || ' of ' || u.relay,
  sum((SELECT sum(upper(r) - lower(r)) FROM unnest(u.slots) AS r))::bigint,
  min(u.first_failed_at), (array_agg(u.error ORDER BY u.failed_at DESC))[1]
FROM meta.coverage_unknown AS u GROUP BY 1 ORDER BY 1
"""


def last_successes(conn: PgConnection) -> dict[str, datetime]:
    """When each system was refreshed, and backups and drills went well, last."""
    found: dict[str, datetime] = {}
    for table, query in _LAST.items():
        if _exists(conn, table):
            found |= dict(conn.execute(query).fetchall())
    return found


def in_use_since(conn: PgConnection) -> datetime | None:
    """When the first refresh of all ended."""
    if not _exists(conn, "meta.refresh"):
        return None
    row = conn.execute("SELECT min(finished_at) FROM meta.refresh").fetchone()
    return row[0] if row else None


def waiting_builds(conn: PgConnection) -> list[Waiting]:
    """Builds nobody has answered for."""
    if not _exists(conn, "meta.approval"):
        return []
    return [
        Waiting(
            f"{system} build {build_id}",
            f"Publish build {build_id} of {system}? Until then readers keep the build before.",
            asked_at,
        )
        for system, build_id, asked_at in conn.execute(_WAITING).fetchall()
    ]


def coverage_holes(conn: PgConnection) -> list[Hole]:
    """What was asked for in vain, per source."""
    if not _exists(conn, "meta.coverage_unknown"):
        return []
    return [Hole(*row) for row in conn.execute(_HOLES).fetchall()]


def disks(folders: Iterable[str]) -> list[Disk]:
    """File systems of folders that exist, each once."""
    found: dict[int, Disk] = {}
    for folder in folders:
        if Path(folder).is_dir():
            usage = shutil.disk_usage(folder)
            found.setdefault(Path(folder).stat().st_dev, Disk(folder, usage.free, usage.total))
    return list(found.values())


def _exists(conn: PgConnection, table: str) -> bool:
    row = conn.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return bool(row and row[0])
