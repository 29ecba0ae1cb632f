"""A refresh that asks, through the real scheduler and the public API: superseded, approved, rolled back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from sandbox.api import Run
from tests.e2e.running import RunningSandbox

REFRESH = "grants_every_4_hours"
DONATIONS = "SELECT count(*), sum(hashtextextended(d::text, 0)) FROM public.donations AS d"
OUTCOMES = "SELECT state FROM meta.build WHERE build_id > %s AND system = 'grants' ORDER BY build_id"
LAST_RECEIPT = (
    "SELECT outcome, approval, diffs, disk FROM meta.refresh WHERE system = 'grants' "
    "ORDER BY build_id DESC LIMIT 1"
)
LAST_PUBLICATION = (
    "SELECT kind, build_id, who, why FROM meta.publication ORDER BY publication_id DESC LIMIT 1"
)


def rows(stack: RunningSandbox, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(stack.warehouse) as conn:
        return conn.execute(query, parameters or None).fetchall()


@pytest.fixture
def donations(loaded: RunningSandbox) -> Iterator[sql.Identifier]:
    """The served table of donations in the indexer; amounts that a test changes there come back."""
    loaded.stand_ins.reset()
    # A run on the schedule would ask the same question first.
    wait_for(lambda: not loaded.stack.api().active_runs(REFRESH), "a run does not end")
    version = rows(loaded, "SELECT version FROM meta.source_version WHERE source = 'indexer'")[0][0]
    table = sql.Identifier(f"chain_data_{version}", "donations")
    back = sql.SQL(
        "UPDATE {} AS d SET amount_in_usd = k.amount_in_usd FROM public.kept AS k WHERE k.id = d.id"
    )
    with psycopg.connect(loaded.source("indexer"), autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE TABLE public.kept AS SELECT id, amount_in_usd FROM {}").format(table))
        yield table
        conn.execute(back.format(table))
        conn.execute("DROP TABLE public.kept")


def raise_amounts(stack: RunningSandbox, table: sql.Identifier, factor: int) -> None:
    """Donations of one chain are worth several times as much."""
    statement = sql.SQL("UPDATE {} SET amount_in_usd = amount_in_usd * {} WHERE chain_id = 10")
    with psycopg.connect(stack.source("indexer")) as conn:
        conn.execute(statement.format(table, sql.Literal(factor)))


def triggered(stack: RunningSandbox) -> Run:
    api = stack.stack.api()
    run = api.trigger(REFRESH)
    api.set_paused(REFRESH, False)
    return run


def task_state(stack: RunningSandbox, run: Run, task_id: str) -> str | None:
    tasks = stack.stack.api().tasks(run.dag_id, run.run_id)
    return next((task.state for task in tasks if task.task_id == task_id), None)


def wait_for(condition: Callable[[], bool], trouble: str, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, trouble
        time.sleep(0.3)


def parked(stack: RunningSandbox) -> Run:
    run = triggered(stack)
    wait_for(lambda: task_state(stack, run, "approve") == "deferred", f"{run.run_id} does not ask")
    return run


def ended(stack: RunningSandbox, run: Run) -> str:
    api = stack.stack.api()
    wait_for(lambda: api.run(run.dag_id, run.run_id).has_ended, f"{run.run_id} does not end")
    return api.run(run.dag_id, run.run_id).state


def test_a_parked_refresh_is_superseded_then_approved_then_rolled_back(
    loaded: RunningSandbox, donations: sql.Identifier
) -> None:
    before = rows(loaded, DONATIONS)
    good = rows(loaded, LAST_PUBLICATION)[0][1]
    api = loaded.stack.api()

    raise_amounts(loaded, donations, 3)
    first = parked(loaded)
    question = api.question(first, "approve")
    assert question["options"] == ["Approve", "Reject"]
    assert question["subject"].startswith("Publish build ")
    assert "#### public.donations by chain\\_id and round\\_id" in question["body"]
    assert f"keeps build {good} in use" in question["body"]

    raise_amounts(loaded, donations, 2)
    second = parked(loaded)
    assert ended(loaded, first) == "failed"
    assert task_state(loaded, first, "approve") == "failed"
    assert task_state(loaded, first, "publish") == "upstream_failed"
    assert rows(loaded, OUTCOMES, good)[-2:] == [("superseded",), ("awaiting_approval",)]
    assert rows(loaded, DONATIONS) == before, "nothing was published without an answer"

    api.answer(second, "approve", "Approve", {"why": "prices were mended"})
    assert ended(loaded, second) == "success"
    assert rows(loaded, DONATIONS) != before
    outcome, approval, diffs, disk = rows(loaded, LAST_RECEIPT)[0]
    user = api.question(second, "approve")["responded_by_user"]["name"]
    assert (outcome, approval["answer"], approval["who"]) == ("published", "approved", user)
    assert approval["why"] == "prices were mended"
    assert {diff["relation"]: diff["changed"] > 0 for diff in diffs}["public.donations"]
    assert sum(build["bytes"] for build in disk) > 0

    form = {"system": "grants", "build_id": good, "why": "they were not", "ask_before_next_publish": False}
    back = loaded.run_dag("rollback", form)
    assert back.succeeded, loaded.explain(back)
    assert rows(loaded, DONATIONS) == before
    assert rows(loaded, LAST_PUBLICATION) == [("rollback", good, user, "they were not")]
