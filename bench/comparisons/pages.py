"""The pages inside Airflow over a year of history, beside queries that look through all of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

import psycopg
from psycopg import sql
from starlette.testclient import TestClient

from bench.context import Bench
from bench.measure import Side, alternate
from bench.result import Line, Result, at_least, at_most, ratio, samples
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import chain_days
from regendata.hooks.warehouse.house import status
from regendata.hooks.warehouse.house.reading import CONN_ID, reading
from regendata.publish.systems import SYSTEMS
from sandbox import bootstrap, history
from sandbox.bootstrap import ANALYST, ANALYSTS, OWNER

DATABASE = "bench_pages"
TIMES_FASTER = 3
MOST_MS = 100
#: Each is so short that a single one says little.
TIMES = 5
DONATIONS = 5_000_000
PAGES = {
    "receipts": "/receipts",
    "one receipt": f"/receipts/{history.IN_USE}",
    "lineage": "/lineage",
    "relays": "/coverage?view=relays",
    "chains": "/coverage?view=chains",
}
NO_DONATIONS = "SELECT 1 AS chain_id, now() AS timestamp"
MORE_DONATIONS = """
CREATE TABLE {place} AS
SELECT (ARRAY[1, 10, 137, 250, 324, 424, 1329, 8453, 42161, 43114])[1 + n % 10] AS chain_id,
  now() - n * interval '4 years' / {donations} AS timestamp
FROM generate_series(1, {donations}) AS n
"""

OBVIOUS_STATUS = (
    "SELECT DISTINCT ON (r.relation) r.* FROM meta.build_relation AS r INNER JOIN meta.build AS b "
    "ON b.build_id = r.build_id WHERE b.state = 'published' ORDER BY r.relation, r.build_id DESC",
    "SELECT DISTINCT ON (relation) * FROM meta.relation_diff ORDER BY relation, build_id DESC",
    "SELECT DISTINCT ON (relation, check_name) relation, check_name, verdict FROM meta.check_result "
    "ORDER BY relation, check_name, build_id DESC",
)
OBVIOUS_CHAINS = (
    "SELECT chain_id, (timestamp AT TIME ZONE 'UTC')::date AS day, count(*) FROM public.donations "
    "WHERE timestamp >= current_date - 60 GROUP BY 1, 2",
)


def compare(bench: Bench) -> Result:
    """Each page's reading as the page does it, and the obvious statements, in turn."""
    bench.tell(
        f"a year of history: {history.REFRESHES:,} refreshes of {history.RELATIONS} relations, "
        f"{DONATIONS:,} donations"
    )
    with year(bench) as dsn, patch.dict(os.environ, {f"AIRFLOW_CONN_{CONN_ID.upper()}": dsn}):
        pages = {"status": Side(_status), **{name: Side(page(path)) for name, path in PAGES.items()}}
        sides = {
            "obvious status": Side(_obvious(dsn, OBVIOUS_STATUS)),
            "obvious chains": Side(_obvious(dsn, OBVIOUS_CHAINS)),
            **pages,
        }
        found = alternate(sides, bench.rounds * TIMES, bench.budget_seconds)
    lines = [
        ratio("status, obvious / ours", found["obvious status"], found["status"], at_least(TIMES_FASTER)),
        ratio(
            "chain by day, obvious / ours", found["obvious chains"], found["chains"], at_least(TIMES_FASTER)
        ),
        *(
            Line(f"{name} page", "", str(found[name]), 1000 * found[name].median, " ms", at_most(MOST_MS))
            for name in pages
        ),
    ]
    note = "one session per page as in service; the obvious statements have one already open"
    status = "status without what Airflow's own database tells, the others from request to HTML"
    return Result(lines=lines, samples=samples(found), notes=[note, status])


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
                _more_donations(owner)
            yield sandbox.dsn(DATABASE, ANALYST)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(DATABASE)))


def _more_donations(owner: PgConnection) -> None:
    """Donations of ten chains over four years, as narrow as they can be: who reads them all has it easy."""
    place = sql.Identifier(f"build_{history.IN_USE}", "public__donations")
    owner.execute(sql.SQL("CREATE OR REPLACE VIEW public.donations AS {}").format(sql.SQL(NO_DONATIONS)))
    owner.execute(sql.SQL("DROP TABLE {}").format(place))
    owner.execute(sql.SQL(MORE_DONATIONS).format(place=place, donations=sql.Literal(DONATIONS)))
    owner.execute(sql.SQL("CREATE OR REPLACE VIEW public.donations AS SELECT * FROM {}").format(place))
    owner.execute(sql.SQL("ANALYZE {}").format(place))
    owner.execute("DELETE FROM meta.chain_day")
    chain_days.keep(owner, "grants")


def _obvious(dsn: str, statements: Sequence[str]) -> Callable[[], None]:
    session = psycopg.connect(dsn, autocommit=True)

    def read() -> None:
        for statement in statements:
            session.execute(statement).fetchall()

    return read


def page(path: str) -> Callable[[], None]:
    """Asks a page as somebody who is signed in.

    :raises RuntimeError: it does not answer with 200.
    """
    from regendata.api.pages.app import build
    from regendata.api.pages.security import SIGNED_IN

    app = build()
    app.dependency_overrides[SIGNED_IN.dependency] = lambda: None
    client = TestClient(app)

    def ask() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")

    return ask


def _status() -> None:
    with reading() as conn:
        systems = status.systems_in_use(conn, SYSTEMS)
        relations = status.relations_in_use(conn, [one["build_id"] for one in systems if one["build_id"]])
        status.last_changes(conn, relations)
        status.standing_checks(conn, relations)
