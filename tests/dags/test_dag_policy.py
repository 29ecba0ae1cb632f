"""What holds for every DAG. The set of DAGs is written down here, so that no test passes on nothing."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from regendata import paths

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG

DAG_IDS = (
    "backup_every_day",
    "cdr_market_daily",
    "cdr_market_promote",
    "goal_tracker",
    "grants_every_4_hours",
    "grants_every_day",
    "grants_static_data",
    "mev_boost_backload",
    "mev_boost_hourly",
    "mev_boost_repair",
    "restore_drill_every_week",
    "rollback",
    "sign_ups",
    "token_metrics_hourly",
    "watch_every_15_minutes",
)
#: One run works while another waits for a person.
PUBLISHING = {"grants_every_4_hours", "grants_every_day", "token_metrics_hourly"}
SCHEDULED = PUBLISHING | {
    "backup_every_day",
    "cdr_market_daily",
    "goal_tracker",
    "mev_boost_hourly",
    "mev_boost_repair",
    "restore_drill_every_week",
    "sign_ups",
    "watch_every_15_minutes",
}
TAGS = {
    "backup_every_day": {"operations", "backup"},
    "watch_every_15_minutes": {"operations", "alerts"},
    "restore_drill_every_week": {"operations", "backup"},
    "cdr_market_daily": {"cdr_market", "daily"},
    "cdr_market_promote": {"cdr_market", "promotion"},
    "grants_every_4_hours": {"grants", "refresh"},
    "grants_every_day": {"grants", "daily"},
    "token_metrics_hourly": {"tokens", "hourly"},
    "grants_static_data": {"grants", "static"},
    "rollback": {"grants", "rollback"},
    "goal_tracker": {"goal", "daily"},
    "mev_boost_backload": {"mev_boost", "backload"},
    "mev_boost_hourly": {"mev_boost", "hourly"},
    "mev_boost_repair": {"mev_boost", "repair"},
    "sign_ups": {"sign_ups"},
}
DAG_FILES = sorted((paths.REPOSITORY / "dags").glob("*.py"))
LONGEST_TASK = timedelta(hours=1)


@pytest.fixture(params=DAG_IDS)
def dag(request: pytest.FixtureRequest, dag_bag: DagBag) -> DAG:
    return dag_bag.dags[request.param]


def test_exactly_these_dags_each_in_the_file_of_its_name(dag_bag: DagBag) -> None:
    assert dag_bag.import_errors == {}
    assert set(dag_bag.dags) == set(DAG_IDS) == {path.stem for path in DAG_FILES}
    assert {dag.dag_id: dag.fileloc for dag in dag_bag.dags.values()} == {
        path.stem: str(path) for path in DAG_FILES
    }


def test_nothing_is_warned_about(dag_bag: DagBag) -> None:
    assert dag_bag.captured_warnings == {}


def test_documentation_starts_with_a_title(dag: DAG) -> None:
    assert dag.doc_md is not None
    title, _, text = dag.doc_md.strip().partition("\n")
    assert title.startswith("### ")
    assert len(text.split()) > 20


def test_tags(dag: DAG) -> None:
    assert dag.tags == TAGS[dag.dag_id]


def test_one_run_at_a_time_and_none_for_the_past(dag: DAG) -> None:
    assert dag.max_active_runs == (2 if dag.dag_id in PUBLISHING else 1)
    assert dag.catchup is False
    assert dag.start_date is not None
    assert dag.start_date.tzinfo is not None


def test_every_task_has_an_owner_retries_and_an_end(dag: DAG) -> None:
    assert dag.tasks
    for task in dag.tasks:
        assert task.owner == "data-engineering", task.task_id
        assert task.retries == 2, task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.execution_timeout is not None, task.task_id
        assert task.execution_timeout <= LONGEST_TASK, task.task_id


def test_every_task_that_fails_for_good_is_told(dag: DAG) -> None:
    from regendata.callbacks import tell_of_failure

    for task in dag.tasks:
        assert tell_of_failure in task.on_failure_callback, task.task_id


def test_every_question_is_watched(dag_bag: DagBag) -> None:
    """By its build in meta.approval, or by its notifier in meta.question."""
    from airflow.providers.standard.operators.hitl import HITLOperator

    from regendata.operators.approval import ApproveBuildOperator
    from regendata.operators.asking import NoteQuestion

    asking = [task for dag in dag_bag.dags.values() for task in dag.tasks if isinstance(task, HITLOperator)]
    assert len(asking) > 3
    for task in asking:
        noted = any(isinstance(one, NoteQuestion) for one in task.notifiers)
        assert noted or isinstance(task, ApproveBuildOperator), task.task_id
        assert task.response_timeout is not None, task.task_id


def test_errors_that_waiting_does_not_mend_are_not_retried(dag: DAG) -> None:
    from airflow.sdk import RetryAction

    from regendata.exceptions import ChainLost, SourceUnavailable
    from regendata.sensors.indexer_version import IndexerVersionSensor

    for task in dag.tasks:
        decide = task.retry_policy.evaluate
        assert decide(ChainLost("x"), 1, 3).action == RetryAction.FAIL, task.task_id
        again = decide(SourceUnavailable("x"), 1, 3).action != RetryAction.FAIL
        # This sensor asks again by itself until its patience ends.
        assert again != isinstance(task, IndexerVersionSensor), task.task_id


def test_ids_read_aloud(dag: DAG) -> None:
    ids = [dag.dag_id, *dag.task_ids, *dag.task_group_dict]
    assert [one for one in ids if not re.fullmatch(r"[a-z0-9_.]+", one or "root")] == []


def test_survives_the_way_to_the_scheduler(dag: DAG) -> None:
    """The scheduler sees a DAG only as JSON."""
    from airflow.serialization.serialized_objects import DagSerialization

    data: dict[str, Any] = json.loads(json.dumps(DagSerialization.to_dict(dag)))
    DagSerialization.validate_schema(data)
    assert DagSerialization.from_dict(data).task_ids == dag.task_ids


def test_a_scheduled_run_cannot_take_for_ever(dag_bag: DagBag) -> None:
    scheduled = [dag for dag in dag_bag.dags.values() if dag.timetable.can_be_scheduled]
    assert {dag.dag_id for dag in scheduled} == SCHEDULED
    assert all(dag.dagrun_timeout is not None for dag in scheduled)


def test_long_runs_have_a_deadline_of_their_own() -> None:
    """Off by default, since ``dag.test()`` cannot end such a run; the scheduler's test switches it on."""
    for dag_id in PUBLISHING | {"backup_every_day", "cdr_market_daily", "restore_drill_every_week"}:
        source = (paths.REPOSITORY / "dags" / f"{dag_id}.py").read_text(encoding="utf-8")
        assert f'**deadline("{dag_id}", ' in source, dag_id


def test_a_deadline_is_set_by_its_setting_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk import AsyncCallback

    from regendata.defaults import deadline

    assert deadline("grants", timedelta(hours=4)) == {}
    monkeypatch.setenv("REGENDATA_ALERT_DEADLINES", "1")
    alert = deadline("grants", timedelta(hours=4))["deadline"]
    assert alert.interval == timedelta(hours=4)
    assert isinstance(alert.callback, AsyncCallback)
    assert alert.callback.kwargs == {"dag_id": "grants", "hours": 4.0}


def test_a_run_that_waits_for_a_person_ends_before_airflow_ends_it(dag_bag: DagBag) -> None:
    from regendata.settings import load

    longest = load({"REGENDATA_APPROVAL_LIMIT_S": "72000"}).approval_limit_s
    for dag_id in PUBLISHING:
        timeout = dag_bag.dags[dag_id].dagrun_timeout
        assert timeout is not None
        assert timeout >= timedelta(seconds=longest) + 4 * LONGEST_TASK
