"""Models and tables of a system, checked against each other and put in order."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.exceptions import CycleError, ModelFileError
from regendata.models.project import read_project
from regendata.models.relation import Relation
from tests.unit.builders import project_of, write_model, write_table

DIAMOND = {
    "public.totals": ["public.left", "public.right"],
    "public.left": ["intermediate.base"],
    "public.right": ["intermediate.base", "landing.source"],
    "intermediate.base": ["landing.source"],
}


def _names(relations: object) -> list[str]:
    return [str(relation) for relation in relations]  # type: ignore[attr-defined]


def test_order_parents_and_readers(tmp_path: Path) -> None:
    project = project_of(tmp_path, DIAMOND, tables=["landing.source", "landing.unread"])
    assert _names(project.models) == ["intermediate.base", "public.left", "public.right", "public.totals"]
    assert _names(project.parents(Relation("public", "totals"))) == ["public.left", "public.right"]
    assert _names(project.parents(Relation("public", "right"))) == ["intermediate.base"]
    readers = project.readers(Relation("intermediate", "base"))
    assert _names(reader.relation for reader in readers) == ["public.left", "public.right"]
    assert _names(project.inputs) == ["landing.source"]


@pytest.mark.parametrize("written", list(itertools.permutations(DIAMOND)), ids=lambda names: names[0])
def test_order_does_not_depend_on_the_order_of_files(tmp_path: Path, written: tuple[str, ...]) -> None:
    project = project_of(tmp_path, {name: DIAMOND[name] for name in written})
    assert _names(project.models) == ["intermediate.base", "public.left", "public.right", "public.totals"]


@st.composite
def acyclic(draw: st.DrawFn) -> dict[str, list[str]]:
    """Models m0..mN, written in any order, each reading some of lower number."""
    count = draw(st.integers(1, 7))
    reads = {
        f"public.m{n}": [f"public.m{m}" for m in range(n) if draw(st.booleans())] or ["landing.source"]
        for n in range(count)
    }
    return dict(draw(st.permutations(list(reads.items()))))


@given(acyclic())
@settings(max_examples=30)
def test_every_model_comes_after_what_it_reads(models: dict[str, list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        order = _names(project_of(Path(folder), models).models)
    assert sorted(order) == sorted(models)
    for name, reads in models.items():
        assert all(order.index(one) < order.index(name) for one in reads if one in models)


def test_unknown_relation_is_named_with_its_reader(tmp_path: Path) -> None:
    with pytest.raises(
        ModelFileError, match=r"reads landing\.sauce, which is neither a model nor a table"
    ) as no:
        project_of(tmp_path, {"public.rounds": ["landing.sauce"]})
    assert "public/rounds.sql" in str(no.value)


@pytest.mark.parametrize(
    ("models", "path"),
    [
        ({"public.a": ["public.a"]}, "public.a -> public.a"),
        ({"public.a": ["public.b"], "public.b": ["public.a"]}, "public.a -> public.b -> public.a"),
        (
            {"public.a": ["public.b"], "public.b": ["public.c"], "public.c": ["public.a"], "public.d": []},
            "public.a -> public.b -> public.c -> public.a",
        ),
    ],
)
def test_a_cycle_shows_its_path(tmp_path: Path, models: dict[str, list[str]], path: str) -> None:
    with pytest.raises(CycleError) as cycle:
        project_of(tmp_path, models)
    shown = str(cycle.value).rpartition(": ")[2]
    # The circle may be told from any of its members; each arrow reads "reads".
    assert shown.split(" -> ")[0] == shown.split(" -> ")[-1]
    assert _turned(shown) == _turned(path)


def _turned(path: str) -> list[str]:
    members = path.split(" -> ")[:-1]
    start = members.index(min(members))
    return members[start:] + members[:start]


def test_one_name_cannot_be_a_model_and_a_table(tmp_path: Path) -> None:
    write_table(tmp_path / "tables", "public.rounds")
    write_model(tmp_path / "models", "public.rounds", "SELECT 1")
    with pytest.raises(ModelFileError, match=r"public\.rounds is a table as well"):
        read_project("grants", tmp_path / "models", tmp_path / "tables")


def test_a_check_that_refers_to_nothing_is_refused(tmp_path: Path) -> None:
    header = "description: D.\nchecks: {references: {id: public.nothing (id)}}"
    write_model(tmp_path / "models", "public.rounds", "SELECT 1 AS id", header)
    with pytest.raises(
        ModelFileError, match=r"references id -> public\.nothing: there is neither such a model"
    ):
        read_project("grants", tmp_path / "models", tmp_path / "tables")


@pytest.mark.parametrize(
    ("grows", "refused"),
    [
        ("merge: {usd: sum}, derived: {cents: usd * 100}", None),
        ("merge: {usd: sum}", "column cents has to be in exactly one of unique_key, merge and derived"),
        ("merge: {usd: sum, cents: sum}, derived: {cents: usd * 100}", "column cents has to be in"),
        ("merge: {usd: sum, cents: sum, giver: max}", "column giver has to be in"),
        ("merge: {usd: sum, cents: sum, euros: sum}", "the SELECT gives no column euros"),
    ],
)
def test_every_column_of_a_model_that_adds_up_is_told_how_to(
    tmp_path: Path, grows: str, refused: str | None
) -> None:
    write_table(tmp_path / "tables", "landing.gifts")
    header = f"description: D.\nunique_key: [giver]\ngrows: {{with: landing.gifts, {grows}}}"
    select = "SELECT g.giver, sum(g.usd) AS usd, sum(g.usd) * 100 AS cents FROM landing.gifts AS g GROUP BY 1"
    path = write_model(tmp_path / "models", "public.givers", select, header)
    if refused is None:
        assert read_project("grants", tmp_path / "models", tmp_path / "tables").models
        return
    with pytest.raises(ModelFileError, match=refused) as error:
        read_project("grants", tmp_path / "models", tmp_path / "tables")
    assert path.name in str(error.value)
