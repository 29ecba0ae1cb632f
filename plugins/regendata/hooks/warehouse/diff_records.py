"""Diffs as they are kept with a build: written once, read by the approval page and the receipt."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from regendata.hooks.postgres import PgConnection
from regendata.publish.diff import RelationDiff


def keep(conn: PgConnection, build_id: int, against: int | None, one: RelationDiff) -> None:
    """Write a diff down, or write it again after a retry."""
    moved = one.moved
    conn.execute(
        "INSERT INTO meta.relation_diff (build_id, relation, against_build_id, added_rows, removed_rows, "
        "changed_rows, changed_columns, shape, partitions, samples, reason, compared_share, seconds) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (build_id, relation) DO UPDATE SET "
        "added_rows = excluded.added_rows, removed_rows = excluded.removed_rows, "
        "changed_rows = excluded.changed_rows, changed_columns = excluded.changed_columns, "
        "shape = excluded.shape, partitions = excluded.partitions, samples = excluded.samples, "
        "reason = excluded.reason, compared_share = excluded.compared_share, "
        "seconds = excluded.seconds, compared_at = clock_timestamp()",
        [
            build_id,
            one.relation,
            against,
            *((moved.added, moved.removed, moved.changed) if moved else (None, None, None)),
            json.dumps([{"column": column, "rows": rows} for column, rows in one.columns]),
            json.dumps(one.shape.as_json()),
            json.dumps([{**one.key, **asdict(one.moved)} for one in one.partitions], default=str),
            json.dumps(one.samples, default=str),
            one.reason,
            one.share,
            one.seconds,
        ],
    )


def read_diffs(conn: PgConnection, build_id: int) -> list[dict[str, Any]]:
    """The kept diffs of a build as they stand in its receipt, the most changed relation first."""
    rows = conn.execute(
        "SELECT jsonb_build_object('relation', relation, 'added', added_rows, 'removed', removed_rows, "
        "'changed', changed_rows, 'columns', changed_columns, 'shape', shape, 'partitions', partitions, "
        "'samples', samples, 'reason', reason, 'compared_share', compared_share, "
        "'seconds', round(seconds::numeric, 3)) "
        "FROM meta.relation_diff WHERE build_id = %s "
        "ORDER BY coalesce(added_rows + removed_rows + changed_rows, 0) DESC, relation",
        [build_id],
    ).fetchall()
    return [row[0] for row in rows]
