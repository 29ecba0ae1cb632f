"""The stack itself, with DAGs that do nothing: run, follow, explain, kill, start again."""

from __future__ import annotations

import pytest

from sandbox import processes
from sandbox.airflow_stack import sessions
from sandbox.airflow_stack.metadata import needs_migration
from sandbox.demo_runs import DagNotFound, RunTooSlow
from tests.e2e.running import RunningSandbox


def test_run_gives_the_state_of_every_task(airflow_stack: RunningSandbox) -> None:
    result = airflow_stack.run_dag("small_groups", conf={"number": 4}, timeout=60)
    assert (result.state, result.succeeded) == ("success", True)
    assert result.task_states == {
        "first": "success",
        "middle.double": "success",
        "middle.each[0]": "success",
        "middle.each[1]": "success",
        "last": "skipped",
    }


def test_failed_run_says_which_task_and_why(airflow_stack: RunningSandbox) -> None:
    result = airflow_stack.run_dag("small_failure", timeout=60)
    assert not result.succeeded
    assert [task.name for task in result.failed_tasks] == ["ask_upstream"]
    assert result.task_states["use_answer"] == "upstream_failed"
    told = airflow_stack.explain(result)
    assert "ConnectionError: the indexer does not answer" in told
    assert f"{airflow_stack.stack.url}/dags/small_failure/runs/{result.run_id}/tasks/ask_upstream" in told


def test_unknown_dag_is_named(airflow_stack: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.demo_runs.PARSE_SECONDS", 1)
    with pytest.raises(DagNotFound, match="no DAG small_nowhere"):
        airflow_stack.run_dag("small_nowhere")


@pytest.mark.slow
def test_killed_in_a_task_it_starts_again_and_runs(airflow_stack: RunningSandbox) -> None:
    stack = airflow_stack.stack
    with pytest.raises(RunTooSlow, match="sleep running"):
        airflow_stack.run_dag("small_sleep", conf={"seconds": 600}, timeout=10)
    supervisor = processes.find(airflow_stack.sandbox, "airflow")
    assert supervisor is not None
    session = (supervisor.pid, supervisor.create_time())
    supervisor.kill()
    supervisor.wait()
    assert len(sessions.members(*session)) >= 5, "four components and the task outlive their parent"
    stack.start()
    assert sessions.members(*session) == []
    stack.wait_healthy()
    # Only one run of this DAG may be active: this one would wait for the killed one for ever.
    assert airflow_stack.run_dag("small_sleep", conf={"seconds": 0}, timeout=60).succeeded


def test_migrates_once(airflow_stack: RunningSandbox) -> None:
    assert not needs_migration(airflow_stack.sandbox)
