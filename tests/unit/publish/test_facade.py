"""Facades: which columns they show, and where relations stand."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.exceptions import FacadeConflict
from regendata.models.relation import Relation
from regendata.publish.facade import MAX_NAME, Facade, physical

ROUNDS = Relation("public", "rounds")
TARGET = Relation("build_7", "rounds")


@pytest.mark.parametrize(
    ("existing", "columns", "shown"),
    [
        ((), ("id", "name"), ("id", "name")),
        (("id", "name"), ("id", "name"), ("id", "name")),
        (("id", "name"), ("name", "id"), ("id", "name")),
        (("id", "name"), ("new", "name", "id"), ("id", "name", "new")),
        (("id",), ("b", "id", "a"), ("id", "b", "a")),
    ],
)
def test_columns_readers_know_keep_their_place(
    existing: tuple[str, ...], columns: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    assert Facade(ROUNDS, TARGET, columns, existing).shown == shown


COLUMNS = st.lists(st.sampled_from("abcde"), unique=True).map(tuple)


@given(COLUMNS, COLUMNS)
def test_columns_that_stay_keep_their_order_and_new_ones_follow(
    existing: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    facade = Facade(ROUNDS, TARGET, columns, existing)
    kept = [column for column in existing if column in columns]
    assert list(facade.shown[: len(kept)]) == kept
    assert sorted(facade.shown) == sorted(columns)
    assert set(facade.gone) == set(existing) - set(columns)


@pytest.mark.parametrize(
    ("columns", "existing", "retyped", "reshaped"),
    [
        (("id", "new"), ("id",), (), False),
        (("id", "name"), ("name", "id"), (), False),
        (("id",), ("id", "name"), (), True),
        (("id", "title"), ("id", "name"), (), True),
        (("id",), ("id",), ("id",), True),
        (("id",), (), (), False),
    ],
)
def test_only_a_lost_or_retyped_column_makes_a_view_anew(
    columns: tuple[str, ...], existing: tuple[str, ...], retyped: tuple[str, ...], reshaped: bool
) -> None:
    assert Facade(ROUNDS, TARGET, columns, existing, retyped).reshaped is reshaped


def test_options_of_the_view_are_told_again() -> None:
    facade = Facade(ROUNDS, TARGET, ("id",), ("id",), options=("security_barrier=true", "check_option=local"))
    assert '"rounds" WITH ("security_barrier" = \'true\', "check_option" = \'local\') AS SELECT' in (
        facade.statement().as_string(None)
    )


def test_another_owner_may_read_the_target() -> None:
    assert [one.as_string(None) for one in Facade(ROUNDS, TARGET, ("id",), owner="data team").access()] == [
        'GRANT USAGE ON SCHEMA "build_7" TO "data team"',
        'GRANT SELECT ON "build_7"."rounds" TO "data team"',
    ]
    assert list(Facade(ROUNDS, TARGET, ("id",)).access()) == []


def test_statement_quotes_names() -> None:
    facade = Facade(Relation("public", "AlphaMatching"), Relation("build_7", 'a"b'), ("order", "amountUSD"))
    assert facade.statement().as_string(None) == (
        'CREATE OR REPLACE VIEW "public"."AlphaMatching" AS SELECT "order", "amountUSD" FROM "build_7"."a""b"'
    )


@pytest.mark.parametrize(
    ("relation", "name"),
    [
        (Relation("public", "rounds"), "rounds"),
        (Relation("landing", "indexer_rounds"), "indexer_rounds"),
        (Relation("experimental_views", "events"), "experimental_views__events"),
        (Relation("static_indexer_chain_data_75", "rounds"), "static_indexer_chain_data_75__rounds"),
        (Relation("public", "x" * MAX_NAME), "x" * MAX_NAME),
    ],
)
def test_where_a_relation_stands(relation: Relation, name: str) -> None:
    assert physical("build_7", relation) == Relation("build_7", name)


@pytest.mark.parametrize(
    "relation",
    [
        Relation("public", "x" * (MAX_NAME + 1)),
        Relation("public", "ü" * 32),
        Relation("experimental_views", "x" * 44),
    ],
)
def test_a_name_postgres_would_cut_is_refused(relation: Relation) -> None:
    with pytest.raises(FacadeConflict, match="longer than 63 bytes"):
        physical("build_7", relation)


def test_relations_of_two_schemas_never_meet() -> None:
    schemas = ("public", "experimental_views", "intermediate", "reference", "static_indexer_chain_data_75")
    places = [physical("build_7", Relation(schema, "rounds")) for schema in schemas]
    assert all(one != other for one, other in itertools.combinations(places, 2))
