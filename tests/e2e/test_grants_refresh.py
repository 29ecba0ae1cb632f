"""The grants refresh through the real scheduler, against real databases and stand-ins at the wire."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from regendata.triggers.indexer_version import ADVERTISED_VERSION
from sandbox import chaos_db, processes
from sandbox.api import Run
from sandbox.bootstrap import ANALYST, METADATA, WAREHOUSE
from sandbox.demo_runs import DagRunResult
from tests.e2e.running import RunningSandbox

REFRESH = "grants_every_4_hours"
NEWEST_BUILD = "SELECT max(build_id) FROM meta.build"
READERS_RELATIONS = {
    "public.rounds",
    "public.applications",
    "public.donations",
    "public.applications_payouts",
    "public.round_roles",
    "public.allov2_distribution_events_for_leaderboard",
    "public.static_donations",
    "public.static_matching",
    "public.indexer_matching",
    "public.all_donations",
    "public.all_matching",
    "public.round_totals",
    "experimental_views.allo_gmv_leaderboard_events",
}


def query(stack: RunningSandbox, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(stack.warehouse) as conn:
        return conn.execute(statement).fetchall()


def hashes(stack: RunningSandbox) -> dict[str, Any]:
    """Rows and an order-free hash of every published relation, read as an analyst."""
    found = {}
    with psycopg.connect(stack.sandbox.dsn(WAREHOUSE, ANALYST)) as conn:
        for name in sorted(READERS_RELATIONS):
            relation = sql.Identifier(*name.split("."))
            found[name] = conn.execute(
                sql.SQL("SELECT count(*), sum(hashtextextended(r::text, 0)) FROM {} AS r").format(relation)
            ).fetchone()
    return found


def refresh(stack: RunningSandbox, **options: Any) -> DagRunResult:
    return stack.run_dag(REFRESH, **options)


@pytest.fixture
def published(loaded: RunningSandbox) -> Iterator[RunningSandbox]:
    loaded.stand_ins.reset()
    yield loaded
    loaded.stand_ins.reset()


def test_everything_readers_read_is_published_with_a_receipt(published: RunningSandbox) -> None:
    assert all(rows for rows, _ in hashes(published).values())
    outcome, relations, checks = query(
        published,
        "SELECT outcome, relations, checks FROM meta.refresh WHERE system = 'grants' "
        "ORDER BY build_id LIMIT 1",
    )[0]
    assert outcome == "published"
    assert {item["relation"] for item in relations} >= READERS_RELATIONS
    assert checks
    assert all(check["passed"] for check in checks)


def test_a_refresh_without_news_builds_nothing(published: RunningSandbox) -> None:
    before = hashes(published)
    result = refresh(published)
    assert result.succeeded
    assert result.task_states["views.all_donations.build"] == "skipped"
    assert result.task_states["write_receipt"] == "success"
    assert query(published, "SELECT outcome FROM meta.refresh ORDER BY build_id DESC LIMIT 1") == [
        ("unchanged",)
    ]
    assert hashes(published) == before


def test_loading_static_data_again_says_there_is_nothing_to_do(published: RunningSandbox) -> None:
    cuts = "SELECT count(*) FROM meta.cut WHERE source LIKE 'static/%'"
    before = query(published, cuts)
    assert published.run_dag("grants_static_data").succeeded
    assert query(published, cuts) == before


def test_a_web_page_in_place_of_a_version_is_named_and_readers_keep_their_data(
    published: RunningSandbox,
) -> None:
    before = hashes(published)
    published.chaos("indexer", html=True)
    result = refresh(published)
    assert result.state == "failed"
    assert {task.task_id for task in result.failed_tasks} == {"indexer.sense_version", "tidy_up"}
    assert "instead of a version number" in published.explain(result)
    assert hashes(published) == before


@pytest.mark.slow
def test_a_short_outage_of_the_version_endpoint_is_waited_out(published: RunningSandbox) -> None:
    published.chaos("indexer", status=503, times=2)
    result = refresh(published)
    assert result.succeeded, published.explain(result)


def test_a_new_version_starts_a_run_by_itself(published: RunningSandbox) -> None:
    published.stack.api().parse_again(REFRESH)
    _wait_for(lambda: _seen_version(published) == "88", "nothing watches the advertised version")
    before = hashes(published)
    served = "SELECT version FROM meta.source_version WHERE source = 'indexer'"
    chaos_db.new_version(published.source("indexer"), 89, copy_of=87)
    published.stand_ins.set("indexer", version="89")
    _wait_for(lambda: query(published, served) == [("89",)], "no run took up the advertised version")
    _wait_until_idle(published)
    assert hashes(published) == before
    # Whatever is advertised next starts a run as well; the next test must not meet it.
    newest = query(published, NEWEST_BUILD)
    published.stand_ins.set("indexer", version="88")
    _wait_for(lambda: query(published, NEWEST_BUILD) != newest, "no run took note of the older version")
    _wait_until_idle(published)


def _seen_version(stack: RunningSandbox) -> str | None:
    """The advertised version that the watcher saw last."""
    with psycopg.connect(stack.sandbox.dsn(METADATA)) as conn:
        row = conn.execute(
            "SELECT value FROM asset_state_store WHERE key = %s", [ADVERTISED_VERSION]
        ).fetchone()
    return json.loads(row[0]) if row else None


@pytest.mark.slow
def test_killed_while_building_the_next_run_is_clean(published: RunningSandbox) -> None:
    with _blocked_build(published):
        _kill_airflow(published)
    assert query(published, "SELECT count(*) FROM meta.build WHERE state = 'building'") == [(1,)]
    published.stack.start()
    published.stack.wait_healthy()
    result = refresh(published)
    assert result.state == "success", published.explain(result)
    leftovers = """
        SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v') AND n.nspname ~ '^(build|land)_[0-9]+$'
          AND NOT EXISTS (SELECT FROM meta.landed_table AS l, unnest(l.physical || l.parts) AS held
                          WHERE to_regclass(held) = c.oid)
          AND NOT EXISTS (SELECT FROM meta.build_relation AS r JOIN meta.build AS b USING (build_id),
                          unnest(r.physical || r.parts) AS held
                          WHERE b.state = 'published' AND to_regclass(held) = c.oid)
    """
    assert query(published, leftovers) == []


@pytest.mark.slow
def test_a_run_that_somebody_stops_is_a_failed_run(published: RunningSandbox) -> None:
    api = published.stack.api()
    with _blocked_build(published) as run:
        api.fail_run(REFRESH, run.run_id)
    _wait_until_idle(published)
    assert api.run(REFRESH, run.run_id).state == "failed"
    assert query(published, "SELECT count(*) FROM meta.build WHERE state = 'building'") == [(0,)]


@contextmanager
def _blocked_build(stack: RunningSandbox) -> Iterator[Run]:
    """A run that cannot get on, in the middle of building a view."""
    with psycopg.connect(stack.warehouse) as conn:
        row = conn.execute(
            "SELECT physical FROM meta.landed_table WHERE relation = 'landing.indexer_applications_payouts'"
        ).fetchone()
        assert row
        conn.execute("UPDATE meta.build_relation SET fingerprint = 'other' WHERE relation LIKE '%payouts'")
        conn.commit()
        landed = sql.Identifier(*row[0].split("."))
        conn.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(landed))
        api = stack.stack.api()
        run = api.trigger(REFRESH)
        api.set_paused(REFRESH, False)
        _wait_for(lambda: query(stack, _BLOCKED_BUILDS) == [(1,)], "no view waits for its table")
        yield run
        conn.rollback()


_BLOCKED_BUILDS = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE TABLE%applications_payouts%'
"""


def _kill_airflow(stack: RunningSandbox) -> None:
    supervisor = processes.find(stack.sandbox, "airflow")
    assert supervisor is not None
    supervisor.kill()
    supervisor.wait()


def _wait_until_idle(stack: RunningSandbox) -> None:
    _wait_for(lambda: not stack.stack.api().active_runs(REFRESH), "a run does not end")


def _wait_for(condition: Callable[[], bool], trouble: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, trouble
        time.sleep(0.5)
