"""A task that fails for a reason worth reading, and one that waits for it."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, task

with DAG("small_failure", schedule=None, start_date=datetime(2026, 1, 1)):

    @task
    def ask_upstream() -> None:
        raise ConnectionError("the indexer does not answer")

    @task
    def use_answer() -> None:
        raise RuntimeError("never reached")

    ask_upstream() >> use_answer()
