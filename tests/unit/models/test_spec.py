"""A model file: header, SELECT, and the SELECT pointed at a build."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.exceptions import ModelFileError
from regendata.models.checks import Change, MinRows, NotNull
from regendata.models.lineage import references
from regendata.models.relation import Relation
from regendata.models.spec import HEADER_KEYS, ModelSpec, read_model
from tests.unit.builders import model, write_model

POINTED = sorted((Path(__file__).parent / "pointed").glob("*.sql"))

FULL_HEADER = """\
description: Rounds, live first.
unique_key: [id, chain_id]
indexes: [[chain_id], [strategy_name, id]]
amount: match_amount_in_usd
timestamp: donations_end_time
columns: {id: The round., chain_id: EIP-155 id.}
checks: {min_rows: 1, not_null: [id], max_fall_pct: 2.5}"""


def _spec(select: str) -> ModelSpec:
    return dataclasses.replace(model(select=select), references=references(select, Path("m.sql")))


def test_full_header(tmp_path: Path) -> None:
    path = write_model(tmp_path, "public.rounds", "SELECT r.id FROM landing.source AS r;", FULL_HEADER)
    spec = read_model(path)
    assert spec.relation == Relation("public", "rounds")
    assert spec.description == "Rounds, live first."
    assert spec.select == "SELECT r.id FROM landing.source AS r"
    assert spec.unique_key == ("id", "chain_id")
    assert spec.indexes == (("chain_id",), ("strategy_name", "id"))
    assert spec.amount == "match_amount_in_usd"
    assert spec.columns == (("id", "The round."), ("chain_id", "EIP-155 id."))
    assert spec.timestamp == "donations_end_time"
    assert spec.checks == (MinRows("stop", 1), NotNull("stop", "id"), Change("stop", "fall", 2.5))
    assert spec.depends_on == {Relation("landing", "source")}


def test_what_a_header_leaves_out(tmp_path: Path) -> None:
    spec = read_model(write_model(tmp_path, "public.rounds", "SELECT 1 AS id"))
    assert (spec.unique_key, spec.indexes, spec.columns, spec.checks) == ((), (), (), ())
    assert (spec.amount, spec.timestamp) == (None, None)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "depends_on: [public.a]",
            rf"unknown header key 'depends_on'; known keys: {', '.join(HEADER_KEYS)}$",
        ),
        ("7: seven\nname: both", "unknown header key"),
        ("kind: table", "header key 'kind' must be view, not 'table'"),
        (
            "kind: view\nindexes: [[id]]\nchecks: {min_rows: 1}",
            "a view stores nothing: indexes, checks belong to what it reads",
        ),
        ("description: [a]", r"'description' must be a text, not \['a'\]"),
        ("description: 2024-01-01", "'description' must be a text"),
        ("amount: 3", "'amount' must be a text, not 3"),
        ("unique_key: id", r"'unique_key' must be a list of columns, such as \[id, chain_id\], not 'id'"),
        ("unique_key: [1]", r"'unique_key'.*\[1\] is no list of columns"),
        ("unique_key: [no]", r"'unique_key'.*\[False\] is no list of columns"),
        ("indexes: [id]", "'indexes'.*'id' is no list of columns"),
        ("indexes: {a: b}", "'indexes' must be a list of lists of columns"),
        ("columns: [id]", "'columns' must be a mapping of column to description"),
    ],
)
def test_wrong_header(tmp_path: Path, header: str, message: str) -> None:
    path = write_model(tmp_path, "public.rounds", "SELECT 1", header)
    with pytest.raises(ModelFileError, match=message) as refused:
        read_model(path)
    assert str(refused.value).startswith(f"{path}:1: ")


def test_errors_in_the_select_count_lines_of_the_file(tmp_path: Path) -> None:
    path = write_model(tmp_path, "public.rounds", "\nSELECT id\nFROM rounds", FULL_HEADER)
    with pytest.raises(ModelFileError, match="'rounds' is no CTE") as refused:
        read_model(path)
    lines = path.read_text().splitlines()
    assert lines[(refused.value.line or 0) - 1] == "FROM rounds"


@pytest.mark.parametrize("path", POINTED, ids=lambda path: path.stem)
def test_pointed_at(path: Path) -> None:
    """Golden pairs: `-- places: from = to; ...`, the SELECT, a line `-- expected:`, the SELECT there."""
    places, _, rest = path.read_text(encoding="utf-8").removeprefix("-- places: ").partition("\n")
    select, expected = rest.split("-- expected:\n")
    given = dict(map(Relation.parse, pair.split(" = ")) for pair in places.split("; "))
    assert _spec(select).pointed_at(given) == expected


def test_every_golden_pair_is_found() -> None:
    assert len(POINTED) >= 6


NAMES = st.sampled_from(["public.rounds", 'public."cgrantsGrants"', 'landing."ü"', 'a."b""c"', '"X y".z'])
LISTS = st.lists(NAMES, min_size=1, max_size=6)
COMMENTS = st.sampled_from(["", "/* 💧 public.rounds */", "-- public.rounds\n", "\r\n", "\t"])


def _joined(names: list[str], comments: list[str]) -> str:
    parts = [f"{name} AS t{number}{comments[number % len(comments)]}" for number, name in enumerate(names)]
    return f"SELECT 'ß' AS s FROM {', '.join(parts)}"


@given(LISTS, st.lists(COMMENTS, min_size=1, max_size=3))
def test_pointing_at_the_same_names_changes_nothing(names: list[str], comments: list[str]) -> None:
    select = _joined([name.replace('landing."ü"', 'landing."ü"') for name in names], comments)
    spec = _spec(select)
    assert len(spec.references) == len(names)
    assert spec.pointed_at({relation: relation for relation in spec.depends_on}) == select


@given(LISTS, st.lists(COMMENTS, min_size=1, max_size=3))
def test_pointing_there_and_back_changes_nothing(names: list[str], comments: list[str]) -> None:
    spec = _spec(_joined([name.replace('landing."ü"', 'landing."ü"') for name in names], comments))
    there = {
        relation: Relation("build_1", f"longer name {n}")
        for n, relation in enumerate(sorted(spec.depends_on))
    }
    moved = _spec(spec.pointed_at(there))
    assert moved.depends_on == set(there.values())
    assert moved.pointed_at({new: old for old, new in there.items()}) == spec.select
