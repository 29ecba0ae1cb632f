"""Buttons in Airflow's UI that lead from a task to what it left for people."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class ReceiptLink(BaseOperatorLink):
    """The figures of the receipt, as the task returned them."""

    name = "Receipt"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        return _page(ti_key, "xcom")


class QuestionLink(BaseOperatorLink):
    """What is asked about the build, and the answer once there is one."""

    name = "Question and answer"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        return _page(ti_key, "required_actions")


class PlanLink(BaseOperatorLink):
    """What a round of fetching takes, in figures and as a table."""

    name = "Plan"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        return _page(ti_key, "xcom")


def _page(ti_key: TaskInstanceKey, tab: str) -> str:
    """One of the tabs of a task in its run, on whatever address the UI is reached."""
    parts = (quote(part, safe="") for part in (ti_key.dag_id, ti_key.run_id, ti_key.task_id))
    return "/dags/{}/runs/{}/tasks/{}/{}".format(*parts, tab)
