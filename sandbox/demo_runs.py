"""Run one DAG through the scheduler and follow it to its end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.airflow_stack import AirflowStack
from sandbox.api import AirflowApi, Run, TaskState
from sandbox.exceptions import SandboxError
from sandbox.progress import Progress

POLL_SECONDS = 0.5
PARSE_SECONDS = 60
ERROR_LINES = 12


class DagNotFound(SandboxError):
    """The dag-processor did not find the DAG, or its file does not import."""


class RunTooSlow(SandboxError):
    """A DAG run did not end in the time it was given."""


@dataclass(frozen=True)
class DagRunResult:
    """A DAG run that ended.

    :param seconds: wall clock from the trigger to the end.
    :param went_first: runs of the same DAG the scheduler preferred while this one waited, and that ended.
        One that waits for its turn or for a person may go on after this one.
    """

    dag_id: str
    run_id: str
    state: str
    seconds: float
    tasks: tuple[TaskState, ...]
    went_first: tuple[Run, ...] = ()

    @property
    def task_states(self) -> dict[str, str | None]:
        """State by name of the task."""
        return {task.name: task.state for task in self.tasks}

    @property
    def succeeded(self) -> bool:
        """This run and those that went before it."""
        return all(state == "success" for state in (self.state, *(run.state for run in self.went_first)))

    @property
    def failed_tasks(self) -> list[TaskState]:
        """Tasks that failed themselves, not those that only waited for them."""
        return [task for task in self.tasks if task.state == "failed"]


def run_dag(
    stack: AirflowStack,
    dag_id: str,
    progress: Progress,
    conf: Mapping[str, Any] | None = None,
    timeout: float | None = None,
) -> DagRunResult:
    """Trigger a run of its own id, unpause the DAG, and return when the run has ended, however it ended.

    The trigger comes before the unpausing: the scheduler makes a run at once when the last time on the
    schedule was a moment ago, and starts the one that is due longest. A run that goes on already goes first.

    :param timeout: seconds the run may take from now.
    :raises DagNotFound: no such DAG, or its file does not import; the message has the reason.
    :raises RunTooSlow: the run had not ended after `timeout`.
    """
    api = stack.api()
    wait_parsed(stack, api, dag_id)
    left = [run.run_id for run in fail_leftovers(stack, api, dag_id)]
    began = time.monotonic()
    triggered = api.trigger(dag_id, conf)
    api.set_paused(dag_id, False)
    run, tasks, others = follow(api, triggered, progress, began + timeout if timeout else None)
    # What an earlier start left behind says nothing about this one.
    found = (api.run(dag_id, other) for other in others if other not in left)
    went_first = tuple(other for other in found if other.has_ended)
    return DagRunResult(dag_id, run.run_id, run.state, time.monotonic() - began, tuple(tasks), went_first)


def wait_parsed(stack: AirflowStack, api: AirflowApi, dag_id: str) -> None:
    """Wait until the DAG's file was read by this start: what an earlier one left may be out of date."""
    deadline = time.monotonic() + PARSE_SECONDS
    while True:
        parsed = api.last_parsed(dag_id)
        if parsed is not None and parsed > stack.started_at:
            return
        errors = api.import_errors()
        if errors or time.monotonic() > deadline:
            raise DagNotFound(_why_missing(dag_id, errors))
        time.sleep(POLL_SECONDS)


def _why_missing(dag_id: str, errors: Mapping[str, str]) -> str:
    reasons = [f"{filename}:\n{trace.strip()}" for filename, trace in errors.items()]
    return "\n".join([f"Airflow has no DAG {dag_id}", *(reasons or ["no DAG file had an import error"])])


def fail_leftovers(stack: AirflowStack, api: AirflowApi, dag_id: str) -> list[Run]:
    """Mark runs failed that an earlier start left unfinished: their tasks are gone, and new runs wait."""
    left = [
        run for run in api.active_runs(dag_id) if run.queued_at is None or run.queued_at < stack.started_at
    ]
    for run in left:
        api.fail_run(dag_id, run.run_id)
    return left


def follow(
    api: AirflowApi, run: Run, progress: Progress, deadline: float | None
) -> tuple[Run, list[TaskState], list[str]]:
    """Show a run, or the one that goes first, until the run has ended.

    :return: the ended run, its tasks, and the ids of runs that went first.
    """
    others: list[str] = []
    while not run.has_ended:
        if deadline is not None and time.monotonic() > deadline:
            raise RunTooSlow(f"{run.dag_id} is {run.state} still; tasks: {_states(api, run)}")
        time.sleep(POLL_SECONDS)
        shown = _running_before(api, run) if run.state == "queued" else run
        if shown.run_id != run.run_id and shown.run_id not in others:
            others.append(shown.run_id)
        progress.show(shown, api.tasks(shown.dag_id, shown.run_id))
        run = api.run(run.dag_id, run.run_id)
    tasks = api.tasks(run.dag_id, run.run_id)
    progress.show(run, tasks)
    return run, tasks, others


def _running_before(api: AirflowApi, run: Run) -> Run:
    active = api.active_runs(run.dag_id)
    return next((other for other in active if other.state == "running"), run)


def _states(api: AirflowApi, run: Run) -> str:
    return ", ".join(f"{task.name} {task.state}" for task in api.tasks(run.dag_id, run.run_id))


def explain(api: AirflowApi, result: DagRunResult) -> list[str]:
    """What a person needs first of a failed run: each failed task, its last words, and its log."""
    runs = [Run(result.dag_id, result.run_id, result.state, None), *result.went_first]
    return [text for run in runs if run.state == "failed" for text in _explain_run(api, run)]


def _explain_run(api: AirflowApi, run: Run) -> list[str]:
    tasks = api.tasks(run.dag_id, run.run_id)
    failed = [task for task in tasks if task.state == "failed"]
    waiting = sum(task.state == "upstream_failed" for task in tasks)
    head = f"{run.dag_id} failed in run {run.run_id}; tasks never started: {waiting}"
    return [head, *(line for task in failed for line in explain_task(api, run, task))]


def explain_task(api: AirflowApi, run: Run, task: TaskState) -> list[str]:
    """The errors of a task's log, else its last lines; then the address of the log."""
    messages = api.log(run, task)
    errors = [line for message in messages for line in error_lines(message)]
    shown = errors or [str(message["event"]) for message in messages]
    page = f"{api.base_url}/dags/{run.dag_id}/runs/{run.run_id}/tasks/{task.task_id}"
    return [f"  {task.name}:", *(f"    {line}" for line in shown[-ERROR_LINES:]), f"    log: {page}"]


def error_lines(message: Mapping[str, Any]) -> list[str]:
    """An error's text and the exceptions behind it, the cause last; empty for a message that is no error."""
    if message.get("level") not in {"error", "critical"}:
        return []
    causes = [f"{item['exc_type']}: {item['exc_value']}" for item in message.get("error_detail") or []]
    return [line for text in causes or [str(message["event"])] for line in text.splitlines()]
