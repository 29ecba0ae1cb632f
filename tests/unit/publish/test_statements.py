"""SQL of building one relation."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.models.lineage import references
from regendata.models.relation import Relation
from regendata.publish.facade import MAX_NAME
from regendata.publish.statements import (
    comments,
    create_filled,
    create_indexes,
    index_name,
)
from tests.unit.builders import model

PLACE = Relation("build_7", "rounds")
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)


def test_what_is_built_reads_its_own_build() -> None:
    select = "SELECT r.id, '100 %s {braces} %(x)s' AS note FROM public.rounds AS r, landing.x"
    spec = dataclasses.replace(model(select=select), references=references(select, Path("m.sql")))
    places = {Relation("public", "rounds"): Relation("build_6", "rounds")}
    assert create_filled(Relation("build_7", "Totals"), spec.pointed_at(places)).as_string(None) == (
        'CREATE TABLE "build_7"."Totals" WITH (autovacuum_enabled = off) AS\n'
        "SELECT r.id, '100 %s {braces} %(x)s' AS note FROM build_6.rounds AS r, landing.x"
    )


def test_indexes_key_first() -> None:
    spec = model(unique_key=("id", "chain_id"), indexes=(("donor",), ("chain_id", "round id")))
    statements = [" ".join(statement.as_string(None).split()) for statement in create_indexes(spec, PLACE)]
    assert statements == [
        'CREATE UNIQUE INDEX "rounds_id_chain_id_key" ON "build_7"."rounds" ("id", "chain_id")',
        'CREATE INDEX "rounds_donor_idx" ON "build_7"."rounds" ("donor")',
        'CREATE INDEX "rounds_chain_id_round id_idx" ON "build_7"."rounds" ("chain_id", "round id")',
    ]


def test_no_key_no_unique_index() -> None:
    assert list(create_indexes(model(), PLACE)) == []


@pytest.mark.parametrize(
    ("columns", "unique", "name"),
    [
        (["id"], True, "rounds_id_key"),
        (["id"], False, "rounds_id_idx"),
        (["x" * 52], False, f"rounds_{'x' * 52}_idx"),
        (["x" * 53], False, f"rounds_{'x' * 47}_d4ddf811"),
    ],
)
def test_index_name(columns: list[str], unique: bool, name: str) -> None:
    assert index_name(PLACE, columns, unique) == name


@given(WORDS, st.lists(WORDS, min_size=1, max_size=4), st.booleans())
def test_index_names_fit_and_do_not_depend_on_the_build(name: str, columns: list[str], unique: bool) -> None:
    found = index_name(Relation("build_7", name), columns, unique)
    assert 0 < len(found.encode()) <= MAX_NAME
    assert found == index_name(Relation("build_8", name), columns, unique)


@given(st.lists(WORDS, min_size=2, max_size=4, unique=True))
def test_cut_index_names_stay_apart(columns: list[str]) -> None:
    name = Relation("build_7", "a_relation_with_a_name_that_leaves_no_room_for_columns_at_all")
    names = {
        index_name(name, columns, unique=True),
        index_name(name, columns, unique=False),
        index_name(name, columns[::-1], unique=True),
        index_name(name, columns[:1], unique=True),
    }
    assert len(names) == 4


def test_comments_escape_what_people_write() -> None:
    spec = model(description="What's in a \\ name; --", columns=(("id", "100 % 'id'"),))
    assert [statement.as_string(None) for statement in comments(spec, PLACE)] == [
        """COMMENT ON TABLE "build_7"."rounds" IS  E'What''s in a \\\\ name; --'""",
        """COMMENT ON COLUMN "build_7"."rounds"."id" IS '100 % ''id'''""",
    ]
