"""The graph of the hourly token metrics."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG


@pytest.fixture
def dag(dag_bag: DagBag) -> DAG:
    return dag_bag.dags["token_metrics_hourly"]


def test_counts_are_copied_computed_and_published_one_after_the_other(dag: DAG) -> None:
    order = ["take_turn", "prepare", "tweets.copy_counts", "tweets.compute_metrics", "open_build"]
    for before, after in pairwise(order):
        assert after in dag.get_task(before).downstream_task_ids


def test_prices_hold_up_nothing(dag: DAG) -> None:
    prices = dag.get_task("land_prices")
    assert prices.upstream_task_ids == {"prepare"}
    assert prices.downstream_task_ids == set()


def test_every_ranking_is_built_from_the_newest_hour(dag: DAG) -> None:
    for name in ("trending", "volatile", "decreasing"):
        assert f"views.{name}.build" in dag.get_task("views.token_stats.build").downstream_task_ids
    assert "views.descreasing.build" in dag.get_task("views.decreasing.build").downstream_task_ids


def test_runs_at_minute_five_for_the_hour_before(dag: DAG) -> None:
    timetable: Any = dag.timetable
    assert (timetable.expression, timetable.timezone) == ("5 * * * *", "UTC")
    assert timetable.interval == timedelta(hours=1)
