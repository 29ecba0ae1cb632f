"""What every DAG of this repository shares."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from regendata import settings
from regendata.callbacks import tell_of_deadline, tell_of_failure

START = datetime(2024, 1, 1, tzinfo=timezone.utc)

_NO_RETRY = RetryRule(
    exception="regendata.exceptions.FinalError",
    action=RetryAction.FAIL,
    reason="trying again does not change the data",
)

#: A sensor asks for as long as its patience lasts; starting over would only wait twice.
SENSOR_RETRIES = ExceptionRetryPolicy(
    rules=[
        _NO_RETRY,
        RetryRule(
            exception="regendata.exceptions.SourceUnavailable",
            action=RetryAction.FAIL,
            reason="it was asked for as long as patience lasts",
        ),
    ]
)

#: A DAG that publishes: one run works while another waits for a person, for less than a day.
PUBLISHING_RUNS: dict[str, Any] = {"max_active_runs": 2, "dagrun_timeout": timedelta(hours=24)}

TASK_DEFAULTS = {
    "owner": "data-engineering",
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": ExceptionRetryPolicy(rules=[_NO_RETRY]),
    "execution_timeout": timedelta(hours=1),
    "on_failure_callback": tell_of_failure,
}


def deadline(dag_id: str, limit: timedelta) -> dict[str, Any]:
    """Arguments of a DAG whose runs are told of when they go on for longer than ``limit``.

    Empty unless the setting ``alert_deadlines`` is on: ``dag.test()`` cannot end a run with a deadline.
    """
    if not settings.load().alert_deadlines:
        return {}
    from airflow.sdk.definitions.callback import AsyncCallback
    from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

    about = {"dag_id": dag_id, "hours": limit / timedelta(hours=1)}
    alert = DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=limit,
        callback=AsyncCallback(tell_of_deadline, kwargs=about),
    )
    return {"deadline": alert}
