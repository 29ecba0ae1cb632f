"""The graphs of the grants DAGs are the ones that one would draw on paper."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from regendata.models.project import Project
from regendata.sources.static_data import ARCHIVES

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG, BaseOperator

#: What readers were promised; each is a model of its own.
READERS_VIEWS = {
    "public.rounds",
    "public.applications",
    "public.donations",
    "public.applications_payouts",
    "public.round_roles",
    "public.static_donations",
    "public.static_matching",
    "public.indexer_matching",
    "public.all_donations",
    "public.all_matching",
    "public.round_totals",
    "experimental_views.allo_gmv_leaderboard_events",
}


@pytest.fixture(scope="module")
def refresh(dag_bag: DagBag) -> DAG:
    return dag_bag.dags["grants_every_4_hours"]


def _labels(project: Project) -> dict[str, set[str]]:
    """Group name of each model -> group names of the models it reads."""
    return {
        relation.label: {parent.label for parent in project.parents(relation)} for relation in project.models
    }


def _within_views(task: BaseOperator, ids: set[str]) -> set[str]:
    return {one.removeprefix("views.") for one in ids if one.startswith("views.")} - {task.task_id}


def test_every_promised_view_is_a_model(project: Project) -> None:
    assert {str(relation) for relation in project.models} >= READERS_VIEWS


def test_every_model_has_its_group(refresh: DAG, project: Project) -> None:
    groups = refresh.task_group.children["views"].children  # type: ignore[attr-defined]
    assert len(_labels(project)) == len(project.models)
    assert set(groups) == {f"views.{label}" for label in _labels(project)}


def test_a_group_builds_then_checks(refresh: DAG, project: Project) -> None:
    for relation in (name for name, model in project.models.items() if not model.is_view):
        name = f"views.{relation.label}"
        group = refresh.task_group.children["views"].children[name]  # type: ignore[attr-defined]
        assert set(group.children) == {f"{name}.build", f"{name}.check"}
        assert refresh.get_task(f"{name}.check").upstream_task_ids == {f"{name}.build"}
        assert refresh.get_task(f"{name}.build").relation == str(relation)
        assert refresh.get_task(f"{name}.check").relation == str(relation)


def test_what_stores_nothing_is_not_checked(refresh: DAG, project: Project) -> None:
    [view] = [relation.label for relation, model in project.models.items() if model.is_view]
    group = refresh.task_group.children["views"].children[f"views.{view}"]  # type: ignore[attr-defined]
    assert set(group.children) == {f"views.{view}.build"}


def test_edges_between_views_are_the_lineage(refresh: DAG, project: Project) -> None:
    for label, parents in _labels(project).items():
        build = refresh.get_task(f"views.{label}.build")
        assert _within_views(build, build.upstream_task_ids) == {f"{parent}.build" for parent in parents}


def test_views_stand_between_open_build_and_publish(refresh: DAG, project: Project) -> None:
    labels = _labels(project)
    read = set().union(*labels.values())
    assert refresh.get_task("open_build").downstream_task_ids == {"write_receipt"} | {
        f"views.{label}.build" for label, parents in labels.items() if not parents
    }
    assert refresh.get_task("check_promises").upstream_task_ids == {
        f"views.{_last_task(refresh, label)}" for label in labels
    }
    assert refresh.get_task("compare").upstream_task_ids == {
        f"views.{label}.build" for label in labels if label not in read
    }
    assert refresh.get_task("approve").upstream_task_ids == {"check_promises", "compare"}
    assert refresh.get_task("publish").upstream_task_ids == {"approve"}


def _last_task(refresh: DAG, label: str) -> str:
    return f"{label}.check" if f"views.{label}.check" in refresh.task_ids else f"{label}.build"


def test_nothing_is_built_before_every_source_is_landed(refresh: DAG) -> None:
    landed = {task_id for task_id in refresh.task_ids if ".land_" in f".{task_id}"}
    assert {task_id.rpartition(".")[2] for task_id in landed} == {"land_cut", "land_dune", "land_reference"}
    assert "indexer.land_cut" in landed
    assert "maci.land_cut" in landed
    assert refresh.get_task("open_build").upstream_task_ids == landed


def test_a_lane_senses_chooses_syncs_lands(refresh: DAG) -> None:
    steps = ["sense_version", "choose_version", "sync_foreign_schema", "land_cut"]
    for before, after in pairwise(steps):
        assert refresh.get_task(f"indexer.{after}").upstream_task_ids == {f"indexer.{before}"}
    assert refresh.get_task("maci.choose_version").upstream_task_ids == {"take_turn"}


@pytest.mark.parametrize("dag_id", ["grants_every_4_hours", "grants_every_day"])
def test_a_run_that_publishes_takes_its_turn_first(dag_id: str, dag_bag: DagBag) -> None:
    dag = dag_bag.dags[dag_id]
    assert [task.task_id for task in dag.roots] == ["take_turn"]
    assert dag.get_task("take_turn").mode == "reschedule"  # type: ignore[attr-defined]


def test_the_end_publish_permissions_receipt(refresh: DAG) -> None:
    assert refresh.get_task("apply_permissions").upstream_task_ids == {"publish"}
    assert refresh.get_task("write_receipt").upstream_task_ids == {"apply_permissions", "open_build"}
    assert refresh.get_task("tidy_up").is_teardown


@pytest.mark.parametrize(
    ("dag_id", "after"),
    [
        ("grants_every_4_hours", "write_receipt"),
        ("grants_every_day", "write_receipt"),
        ("rollback", "roll_back"),
    ],
)
def test_public_data_follow_what_readers_see_and_hold_up_nothing(
    dag_id: str, after: str, dag_bag: DagBag
) -> None:
    exported = dag_bag.dags[dag_id].get_task("export_public_data")
    assert exported.upstream_task_ids == {after}
    assert exported.downstream_task_ids == set()
    assert not exported.is_teardown


def test_question_and_receipt_are_a_click_away(refresh: DAG) -> None:
    from regendata.operators.links import QuestionLink, ReceiptLink

    links = {task.task_id: list(task.operator_extra_links) for task in refresh.tasks}
    assert [type(link) for link in links["approve"]] == [QuestionLink]
    assert [type(link) for link in links["write_receipt"]] == [ReceiptLink]


def test_a_new_version_starts_a_run_between_the_cadences(refresh: DAG) -> None:
    from airflow.sdk import Asset

    from regendata.assets import INDEXER_VERSION

    condition = refresh.timetable.asset_condition  # type: ignore[attr-defined]
    assert condition == INDEXER_VERSION
    assert isinstance(condition, Asset)
    assert [watcher.name for watcher in condition.watchers] == ["advertised_version"]
    assert refresh.timetable.timetable.expression == "0 */4 * * *"  # type: ignore[attr-defined]


def test_the_receipt_tells_whoever_waits_for_published_data(refresh: DAG) -> None:
    outlets = {task.task_id: [asset.name for asset in task.outlets] for task in refresh.tasks if task.outlets}
    assert outlets == {"write_receipt": ["grants_published"]}


def test_every_archive_is_loaded_by_a_task_and_has_a_table(dag_bag: DagBag, project: Project) -> None:
    static = dag_bag.dags["grants_static_data"]
    assert sorted(task.stem for task in static.tasks) == sorted(archive.stem for archive in ARCHIVES)
    assert [archive for archive in ARCHIVES if archive.table not in project.tables] == []
