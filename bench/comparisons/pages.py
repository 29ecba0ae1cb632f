"""The pages inside Airflow over a year of history, beside queries that look through all of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import psycopg
from psycopg import sql

from bench.context import Bench
from bench.measure import Side, alternate
from bench.result import Line, Result, at_least, at_most, ratio, samples
from regendata.hooks.warehouse.house import receipts, status
from regendata.hooks.warehouse.house.reading import CONN_ID, reading
from regendata.publish.systems import SYSTEMS
from sandbox import bootstrap, history
from sandbox.bootstrap import ANALYST, ANALYSTS, OWNER

DATABASE = "bench_pages"
TIMES_FASTER = 3
MOST_MS = 100
#: Each is so short that a single one says little.
TIMES = 5

OBVIOUS_STATUS = (
    "SELECT DISTINCT ON (r.relation) r.* FROM meta.build_relation AS r INNER JOIN meta.build AS b "
    "ON b.build_id = r.build_id WHERE b.state = 'published' ORDER BY r.relation, r.build_id DESC",
    "SELECT DISTINCT ON (relation) * FROM meta.relation_diff ORDER BY relation, build_id DESC",
    "SELECT DISTINCT ON (relation, check_name) relation, check_name, verdict FROM meta.check_result "
    "ORDER BY relation, check_name, build_id DESC",
)


def compare(bench: Bench) -> Result:
    """Each page's reading as the page does it, and the obvious statements, in turn."""
    bench.tell(f"a year of history: {history.REFRESHES:,} refreshes of {history.RELATIONS} relations")
    with year(bench) as dsn, patch.dict(os.environ, {f"AIRFLOW_CONN_{CONN_ID.upper()}": dsn}):
        found = alternate(
            {
                "obvious": Side(_obvious(dsn)),
                "status": Side(_status),
                "receipts": Side(_receipts),
            },
            bench.rounds * TIMES,
            bench.budget_seconds,
        )
    lines = [
        ratio("status page, obvious / ours", found["obvious"], found["status"], at_least(TIMES_FASTER)),
        *(
            Line(
                f"{name} page, reading",
                "",
                str(found[name]),
                1000 * found[name].median,
                " ms",
                at_most(MOST_MS),
            )
            for name in ("status", "receipts")
        ),
    ]
    note = "one session per page as in service; the obvious statements have one already open"
    return Result(lines=lines, samples=samples(found), notes=[note])


@contextmanager
def year(bench: Bench) -> Iterator[str]:
    """Address of a scratch warehouse with a year behind it, as an analyst; dropped at the end."""
    sandbox = bench.sandbox
    with psycopg.connect(sandbox.dsn("postgres"), autocommit=True) as connection:
        bootstrap.make_database(connection, DATABASE, OWNER, [ANALYSTS])
        try:
            bootstrap.prepare_warehouse(sandbox, DATABASE)
            with psycopg.connect(sandbox.dsn(DATABASE, OWNER), autocommit=True) as owner:
                history.write_year(owner)
            yield sandbox.dsn(DATABASE, ANALYST)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(DATABASE)))


def _obvious(dsn: str) -> Callable[[], None]:
    session = psycopg.connect(dsn, autocommit=True)

    def read() -> None:
        for statement in OBVIOUS_STATUS:
            session.execute(statement).fetchall()

    return read


def _status() -> None:
    with reading() as conn:
        systems = status.systems_in_use(conn, SYSTEMS)
        relations = status.relations_in_use(conn, [one["build_id"] for one in systems if one["build_id"]])
        status.last_changes(conn, relations)
        status.standing_checks(conn, relations)


def _receipts() -> None:
    with reading() as conn:
        receipts.page(conn, SYSTEMS[0], None, None)
        receipts.days(conn, SYSTEMS[0])
        receipts.builds_to_go_back_to(conn, SYSTEMS[0])
