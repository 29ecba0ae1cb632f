"""Alerts under the real scheduler: a failed task and a missed deadline, and no secret in what they leave."""

from __future__ import annotations

import json
import time
from pathlib import Path

import psycopg

from tests.e2e.running import RunningSandbox

PATIENCE_S = 60


def _told(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {one["key"]: one["body"] for one in map(json.loads, lines)}


def test_a_failure_and_a_missed_deadline_are_told_without_a_secret(airflow_stack: RunningSandbox) -> None:
    sandbox = airflow_stack.sandbox
    path, secret = sandbox.root / "alerts.jsonl", sandbox.secret("dune")
    result = airflow_stack.run_dag("small_alerts", timeout=90)
    assert [task.name for task in result.failed_tasks] == ["blurt"]
    wanted = {"task failed: small_alerts.blurt", "deadline missed: small_alerts"}
    until = time.monotonic() + PATIENCE_S
    while not wanted <= set(_told(path)) and time.monotonic() < until:
        time.sleep(0.5)
    told = _told(path)
    assert wanted <= set(told)
    assert "ConnectionError: refused with ***" in told["task failed: small_alerts.blurt"]
    assert "small_alerts has not ended within 0.0008" in told["deadline missed: small_alerts"]
    with psycopg.connect(airflow_stack.warehouse) as conn:
        rows = conn.execute("SELECT alert_key FROM meta.alert WHERE told_at IS NOT NULL").fetchall()
    assert wanted <= {key for (key,) in rows}
    _nowhere(secret, sandbox.airflow_home / "logs" / "dag_id=small_alerts", path)
    with psycopg.connect(sandbox.dsn("airflow")) as conn:
        (rendered,) = conn.execute(
            "SELECT rendered_fields::text FROM rendered_task_instance_fields WHERE dag_id = 'small_alerts'"
        ).fetchone() or ("",)
    assert "***" in rendered
    assert secret not in rendered


def _nowhere(secret: str, logs: Path, alerts: Path) -> None:
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in logs.rglob("*.log")]
    assert any("the password is ***" in text for text in texts)
    assert not any(secret in text for text in [*texts, alerts.read_text(encoding="utf-8")])
