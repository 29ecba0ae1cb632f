"""The daily DAG through the real scheduler: a good day, then one with a spoilt sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from sandbox.bootstrap import ANALYST, WAREHOUSE
from tests.e2e.running import RunningSandbox

DAILY = "grants_every_day"


def query(stack: RunningSandbox, statement: str) -> list[tuple[Any, ...]]:
    """Rows of a query, as an analyst may read them."""
    with psycopg.connect(stack.sandbox.dsn(WAREHOUSE, ANALYST)) as conn:
        return conn.execute(statement).fetchall()


@pytest.fixture
def landed(landed_sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    landed_sandbox.stand_ins.reset()
    yield landed_sandbox
    landed_sandbox.stand_ins.reset()


def test_readers_find_scores_stamps_and_groups(landed: RunningSandbox) -> None:
    scores, models, worst = query(
        landed,
        "SELECT count(*), count(DISTINCT model), max(data_human_probability) "
        "FROM public.passport_model_scores",
    )[0]
    assert scores > 100
    assert models == 6
    assert 0 < worst <= 100
    wallets, scored = query(landed, 'SELECT count(*), count(score) FROM public."Passport"')[0]
    assert wallets == scored > 20
    assert query(landed, "SELECT count(*) > 0 FROM public.project_lookup") == [(True,)]


def test_each_sheet_is_landed_by_a_task_of_its_own(landed: RunningSandbox) -> None:
    history = query(landed, "SELECT DISTINCT source FROM meta.landing_history WHERE source LIKE 'sheets/%'")
    sheets = {"sheets/program_round_labels", "sheets/AlloRoundsOutsideIndexer", "sheets/manual_project_links"}
    assert {source for (source,) in history} == sheets
    # One label is typed twice in the generated sheet.
    assert query(landed, "SELECT source, reason FROM meta.quarantine WHERE source LIKE 'sheets/%'") == [
        ("sheets/program_round_labels", "repeats row 2")
    ]


@pytest.mark.slow
def test_a_bad_sheet_fails_its_own_task_and_nothing_else(landed: RunningSandbox) -> None:
    before = query(landed, "SELECT * FROM public.program_round_labels ORDER BY 1, 2, 5, 6")
    landed.stand_ins.set("sheets", fault="repeat_header", tab="program_round_labels")
    result = landed.run_dag(DAILY)
    assert result.state == "failed"
    assert "program stands 2 times, in columns A, B" in landed.explain(result)
    assert {task.task_id for task in result.failed_tasks} == {"land_sheet"}
    outcomes = "SELECT outcome FROM meta.refresh WHERE system = 'grants_daily' ORDER BY build_id DESC LIMIT 1"
    assert query(landed, outcomes) == [("unchanged",)]
    assert query(landed, "SELECT * FROM public.program_round_labels ORDER BY 1, 2, 5, 6") == before
