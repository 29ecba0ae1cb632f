"""The CDR market in the warehouse: landed rows, and what is kept of requests, changes of rows and runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.schema import ensure_tables
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.sources.cdr.budget import Limit, wait_s
from regendata.sources.cdr.history import Change
from regendata.sources.cdr.tables import SCHEMA

KEPT = tuple(Relation(SCHEMA, name) for name in ("request", "row_change", "run"))
#: Any constant of its own: whoever asks cdr.fyi waits here for his turn.
_ADVISORY_LOCK = 7_231_007


def ensure_kept_tables(conn: PgConnection, project: Project) -> None:
    """Create or extend the kept tables."""
    ensure_tables(conn, {relation: project.tables[relation] for relation in KEPT}, SCHEMA)


@dataclass(frozen=True)
class RequestLedger:
    """Requests of all tasks and retries; those older than any limit looks at are forgotten."""

    conn: PgConnection
    source: str
    limits: Sequence[Limit]

    def reserve(self, now: float) -> float:
        """Note a request and return 0, or return the seconds to wait."""
        longest = max(limit.seconds for limit in self.limits)
        with self.conn.transaction():
            self.conn.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
            self.conn.execute(
                "DELETE FROM cdr_market.request WHERE source = %s AND asked_at < to_timestamp(%s)",
                [self.source, now - longest],
            )
            rows = self.conn.execute(
                "SELECT extract(epoch FROM asked_at)::float8 FROM cdr_market.request WHERE source = %s",
                [self.source],
            ).fetchall()
            wait = wait_s([asked for (asked,) in rows], now, self.limits)
            if wait == 0:
                self.conn.execute(
                    "INSERT INTO cdr_market.request (source, asked_at) VALUES (%s, to_timestamp(%s))",
                    [self.source, now],
                )
        return wait


def landed_rows(
    conn: PgConnection, relation: Relation, columns: Sequence[str]
) -> tuple[int | None, list[tuple[Any, ...]]]:
    """The cut a table is of, None if it never landed, and its rows."""
    found = conn.execute(
        "SELECT cut_id FROM meta.landed_table WHERE relation = %s", [str(relation)]
    ).fetchone()
    if found is None:
        return None, []
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("SELECT {} FROM {}").format(listed, sql.Identifier(*relation))
    return int(found[0]), conn.execute(query).fetchall()


def record_changes(
    conn: PgConnection, table: str, base_cut: int, run_id: str, changes: Iterable[Change]
) -> None:
    """Replace what is noted of the way from one landed state on, so that a retry notes it once."""
    with conn.transaction():
        conn.execute(
            "DELETE FROM cdr_market.row_change WHERE base_cut_id = %s AND table_name = %s", [base_cut, table]
        )
        with conn.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO cdr_market.row_change (table_name, row_id, column_name, before, after, "
                "difference, kind, base_cut_id, run_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [(table, *astuple(one), base_cut, run_id) for one in changes],
            )


def read_at(conn: PgConnection, source: str) -> Any:
    """When a source was last read well; None if never."""
    row = conn.execute(
        "SELECT max(snapshot_at) FROM meta.cut WHERE source = %s AND state IN "
        "('current', 'unchanged', 'superseded')",
        [source],
    ).fetchone()
    return row[0] if row else None


def write_run(conn: PgConnection, env: str, run_id: str, dag_id: str, facts: Mapping[str, Any]) -> None:
    """Note what became of a run; facts that an earlier task noted stay.

    :param facts: of ``state``, ``manifest_key``, ``checks``, ``details``, ``reason``; absent ones stay.
    """
    conn.execute(
        "INSERT INTO cdr_market.run (env, run_id, dag_id, state, manifest_key, checks, details, reason) "
        "VALUES (%(env)s, %(run)s, %(dag)s, %(state)s, %(key)s, coalesce(%(checks)s, '[]')::jsonb, "
        "coalesce(%(details)s, '{}')::jsonb, %(reason)s) ON CONFLICT (env, run_id) DO UPDATE SET "
        "state = excluded.state, manifest_key = coalesce(excluded.manifest_key, run.manifest_key), "
        "checks = coalesce(%(checks)s::jsonb, run.checks), details = coalesce(%(details)s::jsonb, "
        "run.details), reason = excluded.reason, written_at = clock_timestamp()",
        {
            "env": env,
            "run": run_id,
            "dag": dag_id,
            "state": facts["state"],
            "key": facts.get("manifest_key"),
            "checks": _json(facts.get("checks")),
            "details": _json(facts.get("details")),
            "reason": facts.get("reason"),
        },
    )


_COUNTED_TONS = """
SELECT coalesce(sum(tons_purchased), 0) FROM cdr_market.orders
WHERE type_of_agreement = %s AND announcement_date IS NOT NULL AND NOT order_id = ANY(%s)
"""


def counted_tons(conn: PgConnection, agreement: str, excluded: Iterable[str]) -> Any:
    """Tons purchased, as SQL sums the landed orders: a second opinion on the files."""
    row = conn.execute(_COUNTED_TONS, [agreement, list(excluded)]).fetchone()
    return row[0] if row else 0


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, default=str)
