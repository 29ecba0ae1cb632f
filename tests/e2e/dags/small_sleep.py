"""A task that takes as many seconds as its run is given."""

from __future__ import annotations

import time
from datetime import datetime

from airflow.sdk import DAG, get_current_context, task

with DAG("small_sleep", schedule=None, start_date=datetime(2026, 1, 1), max_active_runs=1):

    @task
    def sleep() -> None:
        time.sleep(get_current_context()["dag_run"].conf["seconds"])

    sleep()
