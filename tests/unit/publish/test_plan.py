"""What a build does: rebuild where the model or anything it stands on changed, carry over the rest."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.models.checks import MinRows
from regendata.models.growth import Growth
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish.plan import Built, PlannedRelation, build_schema, model_fingerprint, plan_build
from tests.unit.builders import model

SOURCES = tuple(Relation("landing", f"t{number}") for number in range(3))
BEFORE = dict.fromkeys(SOURCES, "old")


def _project(*models: ModelSpec) -> Project:
    return Project("grants", {one.relation: one for one in models}, {})


def _published(plan: Mapping[Relation, PlannedRelation]) -> dict[Relation, Built]:
    return {relation: Built(planned.fingerprint, planned.place) for relation, planned in plan.items()}


def _rebuilt(plan: Mapping[Relation, PlannedRelation]) -> list[str]:
    return [relation.name for relation, planned in plan.items() if not planned.carried_over]


CHAIN = _project(
    model("public.base", reads=["landing.t0"]),
    model("public.middle", reads=["public.base"]),
    model("public.beside", reads=["landing.t1"]),
    model("public.top", reads=["public.middle", "public.beside"]),
)


def test_first_build_builds_all_in_its_own_schema() -> None:
    plan = plan_build(CHAIN, 7, BEFORE, {})
    assert _rebuilt(plan) == ["base", "middle", "beside", "top"]
    assert {planned.place.schema for planned in plan.values()} == {build_schema(7)} == {"build_7"}


def test_nothing_changed_carries_all_over_from_where_it_stands() -> None:
    first = plan_build(CHAIN, 7, BEFORE, {})
    second = plan_build(CHAIN, 8, BEFORE, _published(first))
    assert _rebuilt(second) == []
    assert [planned.place for planned in second.values()] == [planned.place for planned in first.values()]


@pytest.mark.parametrize(
    ("source", "rebuilt"), [("t0", ["base", "middle", "top"]), ("t1", ["beside", "top"]), ("t2", [])]
)
def test_a_changed_input_rebuilds_what_stands_on_it(source: str, rebuilt: list[str]) -> None:
    published = _published(plan_build(CHAIN, 7, BEFORE, {}))
    plan = plan_build(CHAIN, 8, {**BEFORE, Relation("landing", source): "new"}, published)
    assert _rebuilt(plan) == rebuilt
    assert {planned.place.schema for planned in plan.values() if not planned.carried_over} <= {"build_8"}


def test_a_relation_that_is_gone_is_built_again() -> None:
    published = _published(plan_build(CHAIN, 7, BEFORE, {}))
    del published[Relation("public", "middle")]
    assert _rebuilt(plan_build(CHAIN, 8, BEFORE, published)) == ["middle"]


def test_carried_over_twice_still_stands_in_its_first_build() -> None:
    published = _published(plan_build(CHAIN, 7, BEFORE, {}))
    for build_id in (8, 9):
        published = _published(plan_build(CHAIN, build_id, {**BEFORE, SOURCES[1]: f"{build_id}"}, published))
    schemas = {relation.name: built.place.schema for relation, built in published.items()}
    assert schemas == {"base": "build_7", "middle": "build_7", "beside": "build_9", "top": "build_9"}


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Up to eight models in build order; each reads any earlier models and any sources."""
    models: list[ModelSpec] = []
    for number in range(draw(st.integers(1, 8))):
        possible = [*map(str, SOURCES), *(str(one.relation) for one in models)]
        models.append(model(f"public.m{number}", reads=draw(st.sets(st.sampled_from(possible)))))
    return _project(*models)


def _stands_on(project: Project, relation: Relation) -> set[Relation]:
    """Every input and model below ``relation``."""
    below: set[Relation] = set()
    waiting = [relation]
    while waiting:
        reads = project.models[one].depends_on if (one := waiting.pop()) in project.models else frozenset()
        waiting += reads - below
        below |= reads
    return below


@given(projects(), st.sets(st.sampled_from(SOURCES)), st.data())
def test_carried_over_exactly_if_nothing_below_changed(
    project: Project, changed: set[Relation], data: st.DataObject
) -> None:
    edited = data.draw(st.sets(st.sampled_from(list(project.models))))
    published = _published(plan_build(project, 1, BEFORE, {}))
    after = dataclasses.replace(
        project,
        models={
            name: dataclasses.replace(spec, select="SELECT 2") if name in edited else spec
            for name, spec in project.models.items()
        },
    )
    plan = plan_build(after, 2, {**BEFORE, **dict.fromkeys(changed, "new")}, published)
    for relation, planned in plan.items():
        touched = ({relation} | _stands_on(project, relation)) & (edited | changed)
        assert planned.carried_over is not bool(touched)
        assert planned.place.schema == ("build_2" if touched else "build_1")


@pytest.mark.parametrize(
    "change",
    [
        {"select": "SELECT 2"},
        {"unique_key": ("chain_id", "id")},
        {"unique_key": ("id",)},
        {"indexes": (("chain_id",),)},
        {"indexes": (("id", "chain_id"),)},
        {"amount": "other"},
        {"checks": (MinRows("stop", 2),)},
        {"checks": (MinRows("ask", 1),)},
        {"reads": ["landing.t0"]},
        {"reads": ["landing.t0", "landing.t2"]},
        {"growth": Growth(SOURCES[0], merge=(("usd", "max"),))},
        {"growth": None},
        {"is_view": True},
    ],
    ids=str,
)
def test_fingerprint_changes_with_what_decides_content_and_shape(change: dict[str, object]) -> None:
    given = {
        "reads": ["landing.t0", "landing.t1"],
        "unique_key": ("id", "chain_id"),
        "indexes": (("id",), ("chain_id",)),
        "amount": "usd",
        "checks": (MinRows("stop", 1),),
        "growth": Growth(SOURCES[0], merge=(("usd", "sum"),)),
    }
    before = model_fingerprint(model(**given), BEFORE)  # type: ignore[arg-type]
    assert model_fingerprint(model(**given), BEFORE) == before  # type: ignore[arg-type]
    assert model_fingerprint(model(**{**given, **change}), BEFORE) != before  # type: ignore[arg-type]


def test_fingerprint_does_not_depend_on_the_order_of_reading() -> None:
    there, back = ["landing.t0", "landing.t1"], ["landing.t1", "landing.t0", "landing.t1"]
    assert model_fingerprint(model(reads=there), BEFORE) == model_fingerprint(model(reads=back), BEFORE)


def test_two_inputs_that_swap_their_content_are_a_change() -> None:
    spec = model(reads=["landing.t0", "landing.t1"])
    one = model_fingerprint(spec, {SOURCES[0]: "a", SOURCES[1]: "b"})
    assert one != model_fingerprint(spec, {SOURCES[0]: "b", SOURCES[1]: "a"})
