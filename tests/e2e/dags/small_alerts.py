"""A run that takes longer than it may, and a task that fails with a secret in its mouth."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import DAG, BaseHook, BaseOperator

from regendata.callbacks import tell_of_failure
from regendata.defaults import deadline

# Each file is parsed by a process of its own: no other DAG here gets a deadline by this.
os.environ["REGENDATA_ALERT_DEADLINES"] = "1"


class BlurtOperator(BaseOperator):
    """Logs a connection's password, renders it, and fails with it."""

    template_fields = ("shown",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shown = "{{ conn.dune.password }}"

    def execute(self, context: Any) -> None:
        from time import sleep

        password = BaseHook.get_connection("dune").password
        self.log.info("the password is %s", password)
        sleep(context["params"]["seconds"])
        raise ConnectionError(f"refused with {password}")


with DAG(
    "small_alerts",
    schedule=None,
    start_date=datetime(2026, 1, 1),
    params={"seconds": 8},
    default_args={"on_failure_callback": tell_of_failure},
    **deadline("small_alerts", timedelta(seconds=3)),
):
    BlurtOperator(task_id="blurt")
