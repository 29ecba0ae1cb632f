"""The graphs of what leaves the house are the ones that one would draw on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag


@pytest.mark.parametrize(
    ("dag_id", "edges"),
    [
        ("goal_tracker", {"prepare_post": {"approve"}, "approve": {"send_post"}, "send_post": set()}),
        ("sign_ups", {"prepare": {"work_queue"}, "work_queue": set()}),
    ],
)
def test_the_way(dag_id: str, edges: dict[str, set[str]], dag_bag: DagBag) -> None:
    tasks = dag_bag.dags[dag_id].tasks
    assert {task.task_id: set(task.downstream_task_ids) for task in tasks} == edges


def test_metabase_follows_the_receipt_and_holds_up_nothing(dag_bag: DagBag) -> None:
    dag = dag_bag.dags["grants_every_4_hours"]
    sync, check = dag.get_task("metabase.sync_schema"), dag.get_task("metabase.check_cards")
    assert sync.upstream_task_ids == {"write_receipt"}
    assert sync.downstream_task_ids == {"metabase.check_cards"}
    assert check.downstream_task_ids == set()


def test_a_post_is_rejected_when_nobody_answers(dag_bag: DagBag) -> None:
    approve = dag_bag.dags["goal_tracker"].get_task("approve")
    assert (approve.options, approve.defaults) == (["Approve", "Reject"], ["Reject"])
    assert approve.params["why"] == ""


def test_the_day_of_a_post_stays_its_day_over_retries(dag_bag: DagBag) -> None:
    days = {dag_bag.dags["goal_tracker"].get_task(one).day for one in ("approve", "send_post")}
    assert days == {"{{ ti.xcom_pull(task_ids='prepare_post') }}"}
