"""A warehouse that holds what the public API reads, as plain tables with rows that a test gives."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from regendata import paths
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.models.tables import load_tables
from sandbox.bootstrap import API_READER
from tests.support.warehouse import Warehouse

#: Lines of windows that only grow, and of those that slide.
TOTALS, RECENT = (
    f"CREATE TABLE experimental_views.allo_gmv_leaderboard_{lines} (time_window text, role text, "
    "address text, name text, gmv double precision, events bigint, first_at timestamptz, last_at timestamptz)"
    for lines in ("totals", "recent")
)
ROUND_TOTALS = """CREATE TABLE public.round_totals (
  program text, "Name" text, "Total USD" double precision, "Crowdfunding USD" double precision,
  "Matching USD" double precision, "Donations" bigint, "Donors" bigint,
  "Avg Donor Contribution" double precision, "Chain" text, "Indexed Time" timestamptz,
  "Strategy" text, "Chain ID" text, "Round ID" text
)"""
SNAPSHOT = "2026-03-01 04:00:00+00"

Line = tuple[str, str, str, str | None, float]
Round = tuple[str | None, str, float, float, str, str, str]


def create(warehouse: Warehouse) -> None:
    """Empty tables that the API's own role may read."""
    with connect() as conn:
        ensure_meta(conn, load_tables(paths.TABLES))
    warehouse.do(
        "CREATE SCHEMA experimental_views",
        TOTALS,
        RECENT,
        ROUND_TOTALS,
        *(
            f"GRANT USAGE ON SCHEMA {name} TO {API_READER}"
            for name in ("public", "experimental_views", "meta")
        ),
        *(
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {API_READER}"
            for name in ("public", "experimental_views", "meta")
        ),
    )


def publish(warehouse: Warehouse, system: str = "grants") -> int:
    """A publication with its receipt, of two relations; returns its build."""
    sources = json.dumps([{"source": "indexer", "version": "87", "snapshot_at": SNAPSHOT}])
    with warehouse.connect() as conn, conn.transaction():
        row = conn.execute(
            "INSERT INTO meta.build (system, run_id, state) VALUES (%s, 'r', 'published') RETURNING build_id",
            [system],
        ).fetchone()
        build = int(row[0]) if row else 0
        conn.execute(
            "INSERT INTO meta.publication (system, build_id, kind) VALUES (%s, %s, 'publish')",
            [system, build],
        )
        conn.execute(
            "INSERT INTO meta.refresh (build_id, system, dag_id, run_id, outcome, started_at, sources, "
            "relations, checks) VALUES (%s, %s, 'd', 'r', 'published', now(), %s, '[]', '[]')",
            [build, system, sources],
        )
        for name in ("public.round_totals", "intermediate.round_facts"):
            conn.execute(
                "INSERT INTO meta.build_relation (build_id, relation, physical, fingerprint, carried_over, "
                "row_count, byte_count, built_at) VALUES (%s, %s, %s, 'f', false, 3, 8192, now())",
                [build, name, f"build_{build}.{name}"],
            )
        conn.execute(
            "INSERT INTO meta.check_result (build_id, relation, check_name, severity, verdict, passed, "
            "expected, statement) "
            "VALUES (%s, 'public.round_totals', 'min_rows', 'stop', 'passed', true, '', '')",
            [build],
        )
    return build


def add_lines(warehouse: Warehouse, lines: Iterable[Line]) -> None:
    """Lines as window, role, address, name, volume."""
    given = list(lines)
    for table, slides in (("totals", False), ("recent", True)):
        _insert(
            warehouse,
            f"INSERT INTO experimental_views.allo_gmv_leaderboard_{table} "
            "VALUES (%s, %s, %s, %s, %s, 1, '2024-01-01', '2024-02-01')",
            [line for line in given if line[0].startswith("last_") == slides],
        )


def add_rounds(warehouse: Warehouse, rounds: Iterable[Round]) -> None:
    """Rounds as program, name, crowdfunding, matching, chain, chain id, time."""
    _insert(
        warehouse,
        'INSERT INTO public.round_totals (program, "Name", "Crowdfunding USD", "Matching USD", "Chain", '
        '"Chain ID", "Indexed Time", "Total USD", "Donations", "Donors", "Strategy", "Round ID") '
        "SELECT v.*, v.crowdfunding + v.matching, 10, 5, 'Allo QF', '0x1' FROM (VALUES "
        "(%s::text, %s, %s::double precision, %s::double precision, %s, %s, %s::timestamptz)) AS v "
        "(program, name, crowdfunding, matching, chain, chain_id, at)",
        rounds,
    )


def _insert(warehouse: Warehouse, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with warehouse.connect() as conn, conn.cursor() as cursor:
        cursor.executemany(statement, list(rows))
