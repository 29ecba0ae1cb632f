"""Tasks alone, in a group, mapped and skipped: every kind of line a run can show."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowSkipException

with DAG("small_groups", schedule=None, start_date=datetime(2026, 1, 1)):

    @task
    def first() -> int:
        return int(get_current_context()["dag_run"].conf["number"])

    @task_group
    def middle(number: int) -> None:
        @task
        def double(value: int) -> int:
            return 2 * value

        @task
        def each(value: int) -> int:
            return value

        double(number) >> each.expand(value=[1, 2])

    @task
    def last() -> None:
        raise AirflowSkipException("nothing to do")

    middle(first()) >> last()
