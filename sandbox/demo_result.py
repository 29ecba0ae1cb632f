"""What the DAGs published, read from the warehouse's own records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row
from rich.table import Table

#: DAGs that publish, and the system whose relations they do.
SYSTEMS = {"grants_every_day": "grants_daily", "grants_every_4_hours": "grants"}
# Relations of this schema are steps on the way; no reader sees them.
INTERNAL_SCHEMA = "intermediate"

_QUERY = """
WITH latest AS (
  SELECT build_id, state FROM meta.build
  WHERE system = %(system)s AND state IN ('published', 'unchanged')
  ORDER BY build_id DESC LIMIT 1
), previous AS (
  SELECT p.build_id FROM meta.build AS p CROSS JOIN latest
  WHERE p.system = %(system)s AND p.state = 'published' AND p.build_id < latest.build_id
  ORDER BY p.build_id DESC LIMIT 1
)
SELECT r.build_id, r.relation, r.carried_over, r.row_count, r.amount_usd, r.seconds,
  r.row_count - before.row_count AS row_change, r.amount_usd - before.amount_usd AS usd_change,
  checked.passed AS checks_passed, checked.total AS checks_total
FROM latest
JOIN meta.build_relation AS r ON r.build_id = latest.build_id
LEFT JOIN meta.build_relation AS before
  ON before.build_id = (SELECT build_id FROM previous) AND before.relation = r.relation
LEFT JOIN meta.build_relation AS origin
  ON origin.physical = r.physical AND origin.relation = r.relation AND NOT origin.carried_over
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE c.passed) AS passed, count(*) AS total
  FROM meta.check_result AS c
  WHERE c.build_id = coalesce(origin.build_id, r.build_id) AND c.relation = r.relation
) AS checked
WHERE split_part(r.relation, '.', 1) <> %(internal)s
ORDER BY r.relation
"""


@dataclass(frozen=True)
class Published:
    """One relation readers see, as of the latest build.

    :param seconds: time to build it; 0 when it was carried over.
    :param row_change, usd_change: against the publish before; None if there is nothing to compare with.
    :param checks_passed, checks_total: of the build that made it, which for a carried-over one is older.
    """

    build_id: int
    relation: str
    carried_over: bool
    row_count: int | None
    amount_usd: float | None
    seconds: float | None
    row_change: int | None
    usd_change: float | None
    checks_passed: int
    checks_total: int

    @property
    def how(self) -> str:
        return "carried over" if self.carried_over else "built"


def read_published(warehouse: str, system: str = "grants") -> list[Published]:
    """Relations of the latest good build of a system, by name; empty before the first publish.

    :param warehouse: URL of the database that holds the schema `meta`.
    """
    with psycopg.connect(warehouse) as connection:
        cursor = connection.cursor(row_factory=class_row(Published))
        return cursor.execute(_QUERY, {"system": system, "internal": INTERNAL_SCHEMA}).fetchall()


def result_table(relations: Iterable[Published]) -> Table:
    """A row per relation."""
    table = Table(title="Published relations", title_justify="left", title_style="bold")
    table.add_column("relation", no_wrap=True)
    for heading in ("rows", "change", "USD", "change", "checks", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("how", no_wrap=True)
    for item in relations:
        table.add_row(*_cells(item), style="dim" if item.carried_over else "")
    return table


def _cells(item: Published) -> list[str]:
    passed = f"{item.checks_passed}/{item.checks_total}"
    return [
        item.relation,
        _number(item.row_count),
        change(item.row_change),
        _number(item.amount_usd),
        change(item.usd_change),
        passed if item.checks_passed == item.checks_total else f"[red]{passed}[/red]",
        "" if item.carried_over or item.seconds is None else f"{item.seconds:.2f}",
        item.how,
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def change(value: float | None) -> str:
    """Signed, 0 as `=`, nothing to compare with as empty."""
    if value is None:
        return ""
    return "=" if round(value) == 0 else f"{value:+,.0f}"
