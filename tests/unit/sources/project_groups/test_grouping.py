"""Who belongs together: the rule itself, beside the obvious way that compares every pair."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.sources.project_groups.cleaning import ATTRIBUTES
from regendata.sources.project_groups.identity import Known, identify
from regendata.sources.project_groups.links import shared_names
from regendata.sources.project_groups.placeholders import LISTED, TOO_COMMON, Rule, listed_values
from regendata.sources.project_groups.projects import keys
from regendata.sources.project_groups.results import member_table
from tests.unit.sources.project_groups.builders import grouped, parts, row

Row = dict[str, Any]

ROWS = st.lists(
    st.builds(row, st.sampled_from("pqrstuvwxyz"), st.text("ab-", min_size=5, max_size=5)),
    min_size=1,
    max_size=14,
)
MANUAL = st.lists(st.tuples(*[st.sampled_from("pqrstuvw!")] * 2), max_size=3)


def compared_by_pairs(rows: list[Row], manual: list[tuple[str, str]]) -> set[frozenset[str]]:
    """The rule word for word: every row with every other, then merging sets that touch."""
    groups = [{one["project_id"]} for one in rows]
    for one, other in combinations(rows, 2):
        shared = sum(one.get(name) is not None and one.get(name) == other.get(name) for name in ATTRIBUTES)
        if shared >= 3:
            groups.append({one["project_id"], other["project_id"]})
    known = {one["project_id"] for one in rows}
    groups += [set(pair) for pair in manual if known.issuperset(pair)]
    merged: list[set[str]] = []
    for group in groups:
        touching = [other for other in merged if other & group]
        merged = [other for other in merged if not other & group] + [group.union(*touching)]
    return {frozenset(group) for group in merged}


@given(ROWS, MANUAL)
@settings(max_examples=150, deadline=None)
def test_groups_are_those_of_comparing_every_pair(rows: list[Row], manual: list[tuple[str, str]]) -> None:
    assert parts(grouped(rows, manual)) == compared_by_pairs(rows, manual)


@given(ROWS, MANUAL)
@settings(max_examples=80, deadline=None)
def test_links_are_a_tree_that_tells_the_truth(rows: list[Row], manual: list[tuple[str, str]]) -> None:
    grouping = grouped(rows, manual)
    identity = identify(
        grouping.components, keys(grouping.projects.table), Known.nothing(len(grouping.projects))
    )
    members = {one["project_id"]: one for one in member_table(grouping, identity).to_pylist()}
    linked = [one for one in members.values() if one["linked_project_id"]]
    assert len(linked) == len(members) - len(set(identity.group_ids))
    for one in linked:
        other = members[one["linked_project_id"]]
        assert other["group_id"] == one["group_id"]
        assert _is_true(one, rows, manual)


def _is_true(member: Row, rows: list[Row], manual: list[tuple[str, str]]) -> bool:
    pair = (member["project_id"], member["linked_project_id"])
    if member["link_reason"] == "manual link":
        return pair in manual or pair[::-1] in manual
    names = member["shared_attributes"].strip("{}").split(",")
    mine, theirs = ([one for one in rows if one["project_id"] == project] for project in pair)
    return len(names) >= 3 and any(
        all(one.get(name) is not None and one[name] == other.get(name) for name in names)
        for one in mine
        for other in theirs
    )


def test_three_of_five_link_and_two_do_not() -> None:
    rows = [row("a", "tww--"), row("b", "tww--"), row("c", "tw---"), row("d", "xw-gg")]
    assert parts(grouped(rows)) == {frozenset("ab"), frozenset("c"), frozenset("d")}


@pytest.mark.parametrize("triple", list(combinations(range(5), 3)))
def test_any_three_attributes_will_do(triple: tuple[int, ...]) -> None:
    shares = "".join("v" if place in triple else "-" for place in range(5))
    assert parts(grouped([row("a", shares), row("b", shares)])) == {frozenset("ab")}


def test_unknown_values_are_nothing_to_share() -> None:
    assert parts(grouped([row("a", "tw---"), row("b", "tw---")])) == {frozenset("a"), frozenset("b")}


def test_rows_of_one_project_may_link_it_to_different_ones() -> None:
    rows = [row("a", "xxx--"), row("m", "xxx--"), row("m", "yyy--"), row("b", "yyy--")]
    assert parts(grouped(rows)) == {frozenset("abm")}


def test_the_link_with_the_most_shared_attributes_is_told() -> None:
    rows = [row("a", "twp--"), row("a", "twpxg"), row("b", "twp--"), row("b", "twpxg")]
    found = grouped(rows).links
    assert [shared_names(mask) for mask in found.shared.tolist()] == [list(ATTRIBUTES)]


def test_an_id_in_both_sources_or_in_another_case_is_one_project() -> None:
    grouping = grouped([row("0xAB"), row("0xab", source="cGrants"), row("0xcd")])
    label = dict(
        zip(
            grouping.projects.table["project_id"].to_pylist(), grouping.components.label.tolist(), strict=True
        )
    )
    assert label["0xAB"] == label["0xab"] != label["0xcd"]


def test_manual_links_join_and_unknown_ones_are_told() -> None:
    rows = [row("0xAB"), row("145", source="cGrants"), row("c")]
    grouping = grouped(rows, [(" 145", "0xab"), ("c", "nobody"), ("nobody", "none"), ("c", "c")])
    assert parts(grouping) == {frozenset({"0xAB", "145"}), frozenset("c")}
    assert grouping.unknown_links == [("c", "nobody"), ("nobody", "none")]


def test_listed_placeholders_count_as_empty() -> None:
    facts = [
        (None, "N/A", "x"),
        ("website", "https://Example.com/", "x"),
        ("project_twitter", "@twitter", "x"),
    ]
    shared = {"website": "https://example.com", "project_twitter": "twitter", "project_github": "n/a"}
    rows = [row(name, **shared) for name in "abc"]
    assert parts(grouped(rows)) == {frozenset("abc")}
    grouping = grouped(rows, rule=Rule(listed_values(facts), most=100))
    assert parts(grouping) == {frozenset(name) for name in "abc"}
    assert {(one.attribute, one.value, one.reason, one.projects) for one in grouping.placeholders} == {
        ("website", "https://example.com", LISTED, 3),
        ("project_twitter", "twitter", LISTED, 3),
    }


def test_a_listed_placeholder_of_one_project_is_told_as_well() -> None:
    rule = Rule(listed_values([(None, "twitter", "x")]), most=100)
    grouping = grouped([row("a", "tw---", project_twitter="twitter"), row("b", "tw---")], rule=rule)
    assert [
        (one.attribute, one.value, one.reason, one.projects, one.rows) for one in grouping.placeholders
    ] == [("project_twitter", "twitter", LISTED, 1, 1)]


def test_projects_of_many_rows_are_linked_to_the_oldest_of_them() -> None:
    rows = [row(name, "twp--", created_at=age) for name, age in (("c", 3), ("a", 1), ("d", 4), ("b", 2))]
    found = grouped(rows)
    assert found.projects.table["project_id"].to_pylist() == ["a", "b", "c", "d"]
    assert list(zip(found.links.first.tolist(), found.links.second.tolist(), strict=True)) == [
        (0, 1),
        (0, 2),
        (0, 3),
    ]


def test_a_value_of_too_many_projects_counts_as_empty() -> None:
    rows = [row(f"p{number}", "ttt--") for number in range(5)]
    assert parts(grouped(rows, rule=Rule({}, most=5))) == {frozenset(f"p{number}" for number in range(5))}
    grouping = grouped([*rows, row("p5", "t"), row("p5", "t")], rule=Rule({}, most=5))
    assert len(parts(grouping)) == 6
    assert [(one.attribute, one.reason, one.projects, one.rows) for one in grouping.placeholders] == [
        ("title", TOO_COMMON, 6, 7)
    ]


def test_applications_of_one_project_are_not_many_projects() -> None:
    rows = [row("a", "ttt--") for _ in range(50)] + [row("b", "ttt--")]
    assert parts(grouped(rows, rule=Rule({}, most=2))) == {frozenset("ab")}


def test_the_order_of_rows_decides_nothing() -> None:
    draw = random.Random(7)
    rows = [row(f"p{draw.randrange(60)}", "".join(draw.choices("abcdef-", k=5))) for _ in range(150)]
    first = grouped(rows)
    draw.shuffle(rows)
    second = grouped(rows)
    assert first.projects.table.equals(second.projects.table)
    assert first.components.label.tolist() == second.components.label.tolist()


def test_no_rows_no_groups() -> None:
    assert parts(grouped([])) == set()
