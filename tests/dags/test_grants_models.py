"""The model files of this repository as a set."""

from __future__ import annotations

from collections import Counter

from regendata.models.checks import Change, NotNull
from regendata.models.project import Project
from regendata.publish.facade import physical
from regendata.publish.statements import create_indexes, index_name

#: Rows that nothing names apart: two equal ones are two events.
KEYLESS = {
    "public.static_donations",
    "public.static_matching",
    "public.indexer_matching",
    "public.round_totals",
    "intermediate.distributions",
    "experimental_views.allo_gmv_leaderboard_events",
}


def test_no_two_relations_stand_in_one_place(project: Project) -> None:
    places = Counter(physical("build_1", relation) for relation in project.models)
    assert len(places) >= 12
    assert [place for place, count in places.items() if count > 1] == []


def test_no_two_indexes_have_one_name(project: Project) -> None:
    names = Counter(
        index_name(physical("build_1", relation), columns, unique)
        for relation, model in project.models.items()
        if not model.is_view
        for unique, lists in ((True, [model.unique_key] if model.unique_key else []), (False, model.indexes))
        for columns in lists
    )
    assert sum(len(list(create_indexes(model, name))) for name, model in project.models.items()) == len(names)


def test_every_model_is_described_column_by_column(project: Project) -> None:
    undescribed = [
        str(relation)
        for relation, model in project.models.items()
        if not model.description or not all(text for _, text in model.columns) or not model.columns
    ]
    assert undescribed == []


def test_only_events_and_sums_go_without_a_key(project: Project) -> None:
    assert {str(name) for name, model in project.models.items() if not model.unique_key} <= KEYLESS


def test_no_published_relation_may_fall_unseen(project: Project) -> None:
    """A source that quietly lost rows would otherwise take them from the readers as well."""
    published = [model for name, model in project.models.items() if name.schema != "intermediate"]
    views = [model for model in published if model.is_view]
    assert {name.schema for view in views for name in view.depends_on} <= {"experimental_views"}
    published = [model for model in published if model not in views]
    assert len(published) >= 12
    watched = {
        model.relation
        for model in published
        for rule in model.checks
        if isinstance(rule, Change) and rule.direction == "fall"
    }
    assert [str(model.relation) for model in published if model.relation not in watched] == []


def test_keys_are_not_null(project: Project) -> None:
    """Postgres lets a unique index hold any number of NULLs."""
    open_keys = {
        str(relation): set(model.unique_key)
        - {rule.column for rule in model.checks if isinstance(rule, NotNull)}
        for relation, model in project.models.items()
        if not model.is_view
    }
    assert {name: columns for name, columns in open_keys.items() if columns} == {}


def test_models_read_no_foreign_table(project: Project) -> None:
    """Readers may query the live schemas; a build reads landed cuts only, which agree with each other."""
    assert {relation.schema for relation in project.inputs} <= {
        "landing",
        "public",
        "reference",
        "static_indexer_chain_data_75",
    }


def test_every_input_is_filled_by_somebody(project: Project) -> None:
    from regendata.sources import dune, indexers, sheets, static_data

    filled = {source.landed(table) for source in indexers.SOURCES.values() for table in source.tables}
    filled |= {archive.table for archive in static_data.ARCHIVES} | {dune.TABLE}
    filled |= {sheet.table for sheet in sheets.SHEETS.values()}
    assert {str(one) for one in project.inputs - filled if one.schema != "reference"} == set()
