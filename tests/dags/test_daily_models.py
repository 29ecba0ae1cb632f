"""The daily system: its models, what fills their tables, and the border to the other system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regendata import paths
from regendata.models.checks import NotNull
from regendata.models.project import Project, read_project
from regendata.models.relation import Relation
from regendata.sources import passport, sheets

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

PASSPORT_VIEWS = {"public.passport_model_scores", 'public."Passport"'}


@pytest.fixture(scope="module")
def daily() -> Project:
    return read_project("grants_daily", paths.models_of("grants_daily"), paths.TABLES)


def test_readers_of_passport_find_their_columns(daily: Project) -> None:
    assert {str(relation) for relation in daily.models} >= PASSPORT_VIEWS
    stamps = dict(daily.models[Relation("public", "Passport")].columns)
    assert {"userAddress", "score", "scoreTimestamp", "updatedAt", "stamps"} <= stamps.keys()
    scores = dict(daily.models[Relation("public", "passport_model_scores")].columns)
    assert {"address", "model", "data_human_probability", "data_score", "updated_at"} <= scores.keys()


def test_no_relation_belongs_to_two_systems(project: Project, daily: Project) -> None:
    assert project.models.keys() & daily.models.keys() == set()


def test_no_system_reads_what_another_publishes(project: Project, daily: Project) -> None:
    """Its builds would hold what was published at their time, and carry it over unseen."""
    assert project.inputs & daily.models.keys() == set()
    assert daily.inputs & project.models.keys() == set()


def test_every_source_has_a_table_with_its_columns(daily: Project) -> None:
    for sheet in sheets.SHEETS.values():
        columns = tuple(column.name for column in sheet.columns)
        assert daily.tables[sheet.table].column_names == columns, sheet.title
    for file in passport.FILES.values():
        columns = {*(field.column for field in file.fields), *(given.column for given in file.beside)}
        assert set(daily.tables[file.table].column_names) == columns, file.source


def test_keys_of_sheets_are_columns_that_must_be_filled() -> None:
    for sheet in sheets.SHEETS.values():
        required = {column.name for column in sheet.columns if column.required}
        assert set(sheet.key) <= required, sheet.title


def test_daily_models_are_described_and_guarded(daily: Project) -> None:
    for relation, model in daily.models.items():
        assert model.description, relation
        assert model.columns, relation
        assert all(text for _, text in model.columns), relation
        filled = {rule.column for rule in model.checks if isinstance(rule, NotNull)}
        assert set(model.unique_key) <= filled, relation


def test_one_mapped_task_per_sheet(dag_bag: DagBag) -> None:
    task = dag_bag.dags["grants_every_day"].get_task("land_sheet")
    assert task.expand_input.value == {"sheet": list(sheets.SHEETS)}
    assert task.map_index_template == "{{ task.sheet }}"


def test_a_spoilt_sheet_does_not_keep_scores_from_readers(dag_bag: DagBag) -> None:
    """Its task fails the run, as nothing behind it hides that; the build waits for Passport's files."""
    dag = dag_bag.dags["grants_every_day"]
    before = dag.get_task("open_build").upstream_task_ids
    assert before >= {"passport.land_model_scores", "passport.land_stamps"}
    assert "land_sheet" not in before
