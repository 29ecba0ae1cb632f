"""The receipt of a refresh: what was read, built, checked and published, in one row anybody may read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import approvals, diff_records, retention

#: What can have happened to a row.
_KINDS = ("added", "removed", "changed")

_INSERT = """
INSERT INTO meta.refresh (
  build_id, system, dag_id, run_id, dag_version, outcome, started_at, publish_attempts, publish_seconds,
  sources, relations, checks, diffs, approval, disk, reason
)
SELECT b.build_id, b.system, %(dag_id)s, %(run_id)s, %(dag_version)s, b.state, b.started_at, %(attempts)s,
  %(seconds)s, s.facts, r.facts, c.facts, %(diffs)s, %(approval)s, %(disk)s, b.reason
FROM meta.build AS b
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'source', source, 'version', source_version, 'snapshot_at', snapshot_at, 'state', state
  ) ORDER BY source), '[]') AS facts
  FROM (
    SELECT DISTINCT ON (source) * FROM meta.cut
    WHERE state IN ('current', 'unchanged') ORDER BY source, cut_id DESC
  ) AS latest
) AS s
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'relation', relation, 'rows', row_count, 'bytes', byte_count, 'amount_usd', amount_usd,
    'seconds', round(seconds::numeric, 3), 'carried_over', carried_over, 'way', way, 'why', why
  ) ORDER BY relation), '[]') AS facts
  FROM meta.build_relation WHERE build_id = b.build_id
) AS r
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'relation', relation, 'check', check_name, 'severity', severity, 'verdict', verdict, 'passed', passed,
    'figure', figure, 'expected', expected, 'waiver', waiver
  ) ORDER BY relation, check_name), '[]') AS facts
  FROM meta.check_result WHERE build_id = b.build_id
) AS c
WHERE b.build_id = %(build_id)s
ON CONFLICT (build_id) DO UPDATE SET finished_at = clock_timestamp()
RETURNING outcome, reason, relations, jsonb_array_length(checks), sources
"""


@dataclass(frozen=True)
class RunFacts:
    """Which run a receipt is for."""

    dag_id: str
    run_id: str
    dag_version: str | None


def write_receipt(
    conn: PgConnection, build_id: int, run: RunFacts, switched: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Write the receipt, or write it again after a retry, and give its figures back.

    :param switched: attempts and seconds of the publish; None when nothing was published.
    """
    diffs = diff_records.read_diffs(conn, build_id)
    approval = approvals.approval_of(conn, build_id)
    disk = retention.disk_use(conn, approvals.read_state(conn, build_id).system)
    row = conn.execute(
        _INSERT,
        {
            "build_id": build_id,
            **asdict(run),
            "attempts": (switched or {}).get("attempts"),
            "seconds": (switched or {}).get("seconds"),
            "diffs": json.dumps(diffs),
            "approval": json.dumps(approval) if approval else None,
            "disk": json.dumps([{"build_id": build, "bytes": size} for build, size in disk.items()]),
        },
    ).fetchone()
    outcome, reason, relations, checks, sources = row or ("unknown", None, [], 0, [])
    return {
        "build_id": build_id,
        "outcome": outcome,
        "reason": reason,
        "sources": sources,
        "checks": checks,
        "rows": {item["relation"]: item["rows"] for item in relations},
        "rebuilt": [item["relation"] for item in relations if not item["carried_over"]],
        "extended": [item["relation"] for item in relations if item["way"] in ("extended", "merged")],
        "changes": {diff["relation"]: [diff[kind] for kind in _KINDS] for diff in diffs},
        "estimated": [diff["relation"] for diff in diffs if diff["compared_share"] < 1],
        "approval": {key: approval[key] for key in ("answer", "who", "why")} if approval else None,
        "disk_bytes": sum(disk.values()),
    }
