"""What Airflow calls when something went wrong. Nothing here raises: it would hide the fault it reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: A person, or a newer build, decided so: nobody has to be called.
_DECIDED = ("BuildRejected", "BuildSuperseded")


def tell_of_failure(context: Mapping[str, Any]) -> None:
    """Tell that a task has failed for good; ``on_failure_callback`` of every task."""
    from regendata.alerts.alert import Alert, Kind
    from regendata.hooks.alerts.notify import tell

    error = context.get("exception")
    if type(error).__name__ in _DECIDED:
        return
    task = context["ti"]
    where = f"{task.dag_id}.{task.task_id}" + (f"[{task.map_index}]" if task.map_index >= 0 else "")
    text = f"{where} failed in run {task.run_id} after {task.try_number} tries. {_said(error)}"
    tell([Alert(Kind.TASK_FAILED, where, text, getattr(task, "log_url", None))])


async def tell_of_deadline(context: Mapping[str, Any] | None = None, **about: Any) -> None:
    """Tell that a run has not ended in time; callback of a deadline, in the triggerer."""
    from asgiref.sync import sync_to_async

    from regendata.alerts.alert import Alert, Kind
    from regendata.hooks.alerts.notify import tell

    run = (context or {}).get("dag_run") or {}
    run_id = run.get("dag_run_id") or run.get("run_id") if isinstance(run, Mapping) else str(run)
    text = f"Run {run_id or 'of this DAG'} of {about['dag_id']} has not ended within {about['hours']:g} h."
    await sync_to_async(tell)([Alert(Kind.DEADLINE_MISSED, about["dag_id"], text)])


def _said(error: object) -> str:
    """The error's first line, without what Airflow knows to be secret."""
    from airflow.sdk.log import redact  # type: ignore[attr-defined]

    lines = str(error or "").strip().splitlines()
    return f"{type(error).__name__}: {redact(lines[0])}" if error and lines else "It left no error."
