"""Where the grouping of projects stands in the daily run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG


@pytest.fixture(scope="module")
def daily(dag_bag: DagBag) -> DAG:
    return dag_bag.dags["grants_every_day"]


def test_projects_are_grouped_after_the_sheets_whatever_came_of_them(daily: DAG) -> None:
    task = daily.get_task("group_projects")
    assert task.upstream_task_ids == {"land_sheet"}
    assert task.trigger_rule == "all_done"
    assert "group_projects" in daily.get_task("open_build").upstream_task_ids


def test_a_failed_sheet_still_fails_the_run(daily: DAG) -> None:
    """Airflow judges a run by its leaves, and one of them runs only when every sheet is landed."""
    leaf = daily.get_task("sheets_landed")
    assert leaf in daily.leaves
    assert leaf.upstream_task_ids == {"land_sheet"}
    assert leaf.trigger_rule == "all_success"
