"""What headers promise is what the models give."""

from __future__ import annotations

import csv
from itertools import chain
from pathlib import Path

import pytest

from regendata import paths
from regendata.models.relation import Relation
from tests.postgres.models.model_warehouse import PROJECT, ModelWarehouse

PUBLISHED = {
    "public.rounds",
    "public.applications",
    "public.donations",
    "public.applications_payouts",
    "public.round_roles",
    "public.allov2_distribution_events_for_leaderboard",
    "public.static_donations",
    "public.static_matching",
    "public.indexer_matching",
    "public.all_donations",
    "public.all_matching",
    "public.round_totals",
    "experimental_views.allo_gmv_leaderboard_events",
    "experimental_views.allo_gmv_leaderboard",
    "experimental_views.allo_gmv_leaderboard_totals",
    "experimental_views.allo_gmv_leaderboard_recent",
}

COLUMNS = """
SELECT a.attname AS name FROM pg_attribute AS a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 ORDER BY a.attnum
"""


def columns_of(models: ModelWarehouse, relation: str) -> list[str]:
    models.build(relation)
    return [row["name"] for row in models.connection.execute(COLUMNS, [relation])]


def test_every_promised_relation_has_a_model() -> None:
    models = {str(relation) for relation in PROJECT.models}
    assert {name for name in models if not name.startswith("intermediate.")} == PUBLISHED


def test_headers_describe_the_columns_the_models_have(models: ModelWarehouse) -> None:
    described = {str(r): [name for name, _ in model.columns] for r, model in PROJECT.models.items()}
    assert described == {relation: columns_of(models, relation) for relation in described}


def test_keys_indexes_and_checks_name_described_columns() -> None:
    unknown = {
        str(relation): {
            *model.unique_key,
            *chain.from_iterable(rule.columns for rule in model.checks),
            *chain.from_iterable(model.indexes),
            *([model.timestamp] if model.timestamp else []),
        }
        - {name for name, _ in model.columns}
        for relation, model in PROJECT.models.items()
    }
    assert not any(unknown.values()), unknown


def test_amounts_are_numbers(models: ModelWarehouse) -> None:
    amounts = {relation: model.amount for relation, model in PROJECT.models.items() if model.amount}
    assert len(amounts) > len(PUBLISHED) / 2
    for relation, amount in amounts.items():
        models.build(str(relation))
        [row] = models.rows(f"SELECT pg_typeof(sum({amount}))::text AS type FROM {relation}")
        assert row["type"] in {"real", "double precision", "numeric"}, relation


@pytest.mark.parametrize(
    "table", ["rounds", "applications", "donations", "applications_payouts", "round_roles"]
)
def test_base_views_keep_the_indexers_columns_in_order(models: ModelWarehouse, table: str) -> None:
    landed = PROJECT.tables[Relation("landing", f"indexer_{table}")]
    assert columns_of(models, f"public.{table}") == [*landed.column_names, "source"]


@pytest.mark.parametrize("path", sorted(paths.STATIC_DATA.glob("*.csv")), ids=lambda path: path.stem)
def test_facts_have_the_columns_of_their_table(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header, *facts = csv.reader(file)
    table = PROJECT.tables[Relation("reference", path.stem)]
    assert tuple(header) == table.column_names
    assert facts
    assert len({tuple(fact) for fact in facts}) == len(facts)
