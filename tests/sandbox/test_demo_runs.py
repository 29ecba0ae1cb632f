"""What a failed run says, and the demo's lock and clock."""

from __future__ import annotations

import io
import os
import signal
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sandbox.api import Run, TaskState
from sandbox.demo import DemoRuns, Phases, ending_on_signals, only_demo
from sandbox.demo_runs import DagRunResult, error_lines
from sandbox.layout import Sandbox

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def result(state: str, *others: str) -> DagRunResult:
    tasks = (
        TaskState("land", -1, "failed", 1, NOW, NOW),
        TaskState("load", 2, "success", 1, NOW, NOW),
        TaskState("publish", -1, "upstream_failed", 0, None, None),
    )
    return DagRunResult(
        "grants", "r", state, 1.0, tasks, tuple(Run("grants", other, other, NOW) for other in others)
    )


def test_result_names_tasks_and_those_that_failed_themselves() -> None:
    failed = result("failed")
    assert failed.task_states == {"land": "failed", "load[2]": "success", "publish": "upstream_failed"}
    assert [task.name for task in failed.failed_tasks] == ["land"]


@pytest.mark.parametrize(
    ("state", "others", "succeeded"),
    [("success", [], True), ("failed", [], False), ("success", ["success", "failed"], False)],
)
def test_any_failed_run_is_a_failure(state: str, others: list[str], succeeded: bool) -> None:
    assert result(state, *others).succeeded is succeeded


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        ({"event": "all is well", "level": "info"}, []),
        ({"event": "no level"}, []),
        ({"event": "first\nsecond", "level": "error"}, ["first", "second"]),
        (
            {
                "event": "Task failed with exception",
                "level": "error",
                "error_detail": [
                    {"exc_type": "SourceUnavailable", "exc_value": "indexer:\nrefused"},
                    {"exc_type": "OSError", "exc_value": "no route"},
                ],
            },
            ["SourceUnavailable: indexer:", "refused", "OSError: no route"],
        ),
    ],
)
def test_error_lines(message: dict[str, Any], lines: list[str]) -> None:
    assert error_lines(message) == lines


def test_second_demo_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    with only_demo(sandbox), pytest.raises(DemoRuns, match=str(tmp_path)), only_demo(sandbox):
        pass
    with only_demo(sandbox):
        assert (tmp_path / "demo.lock").exists()


def test_sigterm_unwinds_and_the_handler_is_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end, ending_on_signals():
        os.kill(os.getpid(), signal.SIGTERM)
    assert end.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before


def test_phases_are_told_as_they_come_and_summed_up() -> None:
    written = io.StringIO()
    phases = Phases(Console(file=written))
    phases.add("sources", 1.25)
    phases.add("Airflow", 7.5)
    assert written.getvalue().splitlines() == ["sources: 1.2 s", "Airflow: 7.5 s"]
    assert phases.summary() == "8.8 s in all: sources 1.2 s, Airflow 7.5 s"
