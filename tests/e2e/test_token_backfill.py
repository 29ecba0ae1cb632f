"""`airflow backfill` of the hourly token metrics through the real scheduler."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sandbox import env
from sandbox.bootstrap import METADATA
from tests.e2e.running import RunningSandbox
from tests.support.token_hashes import forget, hashes

DAG = "token_metrics_hourly"
HOUR = 3_600
HOURS = 3
PATIENCE_S = 420
BACKFILLED = "SELECT data_interval_start, state FROM dag_run WHERE run_type = 'backfill' ORDER BY start_date"


def rows(dsn: str, query: Any, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, options="-c timezone=UTC") as connection:
        return connection.execute(query, parameters).fetchall()


def backfill(running: RunningSandbox, begin: int, end: int) -> None:
    """The command of docs/token_metrics.md."""
    first, last = (datetime.fromtimestamp(hour, timezone.utc).isoformat() for hour in (begin, end))
    command = [str(Path(sys.executable).with_name("airflow")), "backfill", "create", "--dag-id", DAG]
    command += ["--from-date", first, "--to-date", last, "--run-backwards"]
    variables = os.environ | env.everything(running.sandbox)
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def runs(running: RunningSandbox) -> list[tuple[datetime, str]]:
    """First hour and state of each run of the backfill, in the order they started, when all have ended."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = rows(running.sandbox.dsn(METADATA), BACKFILLED)
        if found and all(state in ("success", "failed") for _, state in found):
            return found
        time.sleep(1)
    raise TimeoutError(f"the backfill did not end: {found}")


@pytest.fixture
def hourly(running_sandbox: RunningSandbox) -> RunningSandbox:
    running_sandbox.stand_ins.reset()
    result = running_sandbox.run_dag(DAG, timeout=PATIENCE_S)
    assert result.succeeded, running_sandbox.explain(result)
    return running_sandbox


@pytest.mark.slow
def test_a_past_range_is_the_same_after_a_backfill(hourly: RunningSandbox) -> None:
    before = hashes(hourly.warehouse)
    newest = rows(hourly.warehouse, "SELECT newest_hour FROM token_metrics.progress")[0][0]
    begin = newest - 10 * 24 * HOUR
    forget(hourly.warehouse, begin, begin + HOURS * HOUR)
    assert hashes(hourly.warehouse) != before
    # The run that takes an hour is the one of five minutes after its end.
    backfill(hourly, begin + HOUR, begin + HOURS * HOUR + 600)
    first = datetime.fromtimestamp(begin, timezone.utc) + timedelta(minutes=5)
    assert runs(hourly) == [(first + timedelta(hours=hour), "success") for hour in reversed(range(HOURS))]
    assert hashes(hourly.warehouse) == before
