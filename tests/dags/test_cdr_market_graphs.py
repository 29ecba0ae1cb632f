"""The graphs of the carbon removal market are the ones that one would draw on paper."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from regendata.exceptions import SettingsError
from regendata.groups.cdr import CADENCES, timetable

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG


@pytest.fixture(scope="module")
def daily(dag_bag: DagBag) -> DAG:
    return dag_bag.dags["cdr_market_daily"]


def _edges(dag: DAG) -> dict[str, set[str]]:
    return {task.task_id: set(task.downstream_task_ids) for task in dag.tasks}


def test_a_day(daily: DAG) -> None:
    assert _edges(daily) == {
        "sources.pull_cdr_fyi": {"stage_files"},
        "sources.land_ccn_companies": {"stage_files"},
        "sources.land_carbon_pricing": {"stage_files"},
        "sources.scrape_dollars_spent": {"sources.last_good_dollars_spent"},
        "sources.last_good_dollars_spent": {"stage_files"},
        "stage_files": {"check_files"},
        "check_files": {"publish_files"},
        "publish_files": {"report_status"},
        "report_status": set(),
    }


def test_only_the_scraped_total_may_fail_without_holding_up_the_files(daily: DAG) -> None:
    patient = {task.task_id for task in daily.tasks if task.trigger_rule == "all_done"}
    assert patient == {"sources.last_good_dollars_spent", "report_status"}


def test_environments_are_a_choice_and_test_is_the_usual_one(daily: DAG) -> None:
    assert daily.params["env"] == "test"
    assert daily.params.get_param("env").schema["enum"] == ["test", "prod"]
    assert all(task.env == "{{ params.env }}" for task in daily.tasks)


def test_nothing_reaches_prod_but_past_a_person(dag_bag: DagBag) -> None:
    dag = dag_bag.dags["cdr_market_promote"]
    assert _edges(dag) == {
        "compare_with_prod": {"approve"},
        "approve": {"copy_to_prod"},
        "copy_to_prod": set(),
    }
    approve = dag.get_task("approve")
    assert approve.defaults == ["Reject"]
    assert not dag.timetable.can_be_scheduled


@pytest.mark.parametrize(("cadence", "days"), [("daily", 1), ("weekly", 7)])
def test_the_cadence_is_a_setting(cadence: str, days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.timetables.trigger import CronTriggerTimetable

    monkeypatch.setenv("REGENDATA_CDR_CADENCE", cadence)
    found = timetable()
    core = CronTriggerTimetable(found.expression, timezone=found.timezone)
    monday = datetime(2026, 11, 23, tzinfo=timezone.utc)
    first = core._get_next(monday)
    assert (core._get_next(first) - first).days == days


def test_another_cadence_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGENDATA_CDR_CADENCE", "hourly")
    assert set(CADENCES) == {"daily", "weekly"}
    with pytest.raises(SettingsError, match="REGENDATA_CDR_CADENCE must be daily or weekly, not 'hourly'"):
        timetable()
