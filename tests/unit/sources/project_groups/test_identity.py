"""Ids of groups stay, whatever else happens."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.sources.project_groups.results import events
from tests.unit.sources.project_groups.builders import Memory, grouped, parts, row

START = datetime(2020, 1, 1, tzinfo=timezone.utc)
Pair = tuple[str, str]
PROJECTS = "abcdefghij"


def projects(names: str) -> list[dict[str, Any]]:
    """A project per letter, in the order of the alphabet, sharing nothing."""
    return [row(name, created_at=START + timedelta(days=ord(name))) for name in names]


def run(memory: Memory, names: str, *links: Pair) -> dict[str, str]:
    """Group id per project after a run in which these projects exist and these are linked."""
    memory.run(grouped(projects(names), links))
    return {name: memory.group_of[f"indexer/{name}"] for name in names}


def test_a_project_by_itself_is_a_group() -> None:
    ids = run(Memory(), "abc")
    assert len(set(ids.values())) == 3


def test_running_again_changes_nothing() -> None:
    memory = Memory()
    before = run(memory, "abcd", ("a", "b"))
    identity = memory.run(grouped(projects("abcd"), [("a", "b")]))
    assert list(identity.changes) == []
    assert list(identity.created) == []
    assert run(memory, "abcd", ("a", "b")) == before


def test_on_a_merge_the_oldest_id_wins() -> None:
    memory = Memory()
    before = run(memory, "abcd", ("c", "d"))
    grouping = grouped(projects("abcd"), [("c", "d"), ("b", "d")])
    identity = memory.run(grouping)
    assert memory.group_of["indexer/d"] == before["b"]
    assert memory.group_of["indexer/a"] == before["a"]
    (event,) = events(grouping, identity)
    assert (event.kind, event.from_group_id, event.to_group_id) == ("merge", before["c"], before["b"])
    assert event.project_count == 2
    assert event.reason == "b (indexer) and d (indexer) are linked by manual link"


def test_a_merge_by_attributes_says_which() -> None:
    memory = Memory()
    memory.run(grouped([row("a", "tw---"), row("b", "tw---")]))
    grouping = grouped([row("a", "twp--"), row("b", "twp--")])
    (event,) = events(grouping, memory.run(grouping))
    assert event.reason == "a (indexer) and b (indexer) share title, website, payout_address"


def test_on_a_split_the_oldest_member_keeps_the_id() -> None:
    memory = Memory()
    before = run(memory, "abc", ("a", "b"), ("b", "c"))
    grouping = grouped(projects("abc"), [("b", "c")])
    identity = memory.run(grouping)
    assert memory.group_of["indexer/a"] == before["a"]
    assert memory.group_of["indexer/b"] == memory.group_of["indexer/c"] != before["a"]
    (event,) = events(grouping, identity)
    assert (event.kind, event.from_group_id, event.project_count) == ("split", before["a"], 2)
    assert event.reason == "no link is left to the oldest member a (indexer)"


def test_a_retired_id_is_not_given_again() -> None:
    memory = Memory()
    before = run(memory, "ab")
    run(memory, "ab", ("a", "b"))
    after = run(memory, "ab")
    assert after["a"] == before["a"]
    assert after["b"] != before["b"]
    run(memory, "ab", ("a", "b"))
    assert len({before["b"], after["b"], run(memory, "ab")["b"]}) == 3


def test_a_part_that_leaves_for_another_group_takes_its_id() -> None:
    memory = Memory()
    before = run(memory, "abc", ("b", "c"))
    grouping = grouped(projects("abc"), [("a", "c")])
    (event,) = events(grouping, memory.run(grouping))
    assert memory.group_of["indexer/c"] == before["a"]
    assert memory.group_of["indexer/b"] == before["b"]
    assert event.kind == "split"
    assert event.reason.endswith("; a (indexer) and c (indexer) are linked by manual link")


def test_a_project_that_was_away_comes_back_to_its_group() -> None:
    memory = Memory()
    before = run(memory, "abc", ("a", "b"))
    run(memory, "c")
    assert run(memory, "abc", ("a", "b")) == before


def test_who_stayed_keeps_the_id_when_an_older_member_comes_back_alone() -> None:
    memory = Memory()
    before = run(memory, "ab", ("a", "b"))
    assert run(memory, "b")["b"] == before["b"]
    after = run(memory, "ab")
    assert after["b"] == before["b"]
    assert after["a"] != before["a"]


def test_who_was_away_follows_a_merge() -> None:
    memory = Memory()
    before = run(memory, "abc", ("b", "c"))
    run(memory, "ab", ("a", "b"))
    assert run(memory, "abc", ("a", "b"), ("b", "c"))["c"] == before["a"]


def test_an_older_project_found_later_takes_no_id_away() -> None:
    memory = Memory()
    before = run(memory, "bc", ("b", "c"))
    assert set(run(memory, "abc", ("a", "b"), ("b", "c")).values()) == set(before.values())


def test_an_id_given_to_a_part_that_left_is_older_than_those_of_newcomers() -> None:
    """However old the newcomers are: age of ids is when they were given, seniors first."""
    memory = Memory()
    run(memory, "bc", ("b", "c"))
    left = run(memory, "abc")
    assert memory.order[1:] == [left["c"], left["a"]]
    assert run(memory, "abc", ("a", "c"))["a"] == left["c"]


def test_every_environment_gives_the_same_ids() -> None:
    assert run(Memory(), "abcdef", ("b", "e")) == run(Memory(), "fedcba", ("e", "b"))


LINKS = st.lists(st.tuples(st.sampled_from(PROJECTS), st.sampled_from(PROJECTS)), max_size=8)
PRESENT = st.sets(st.sampled_from(PROJECTS), min_size=1).map(lambda names: "".join(sorted(names)))
RUNS = st.lists(st.tuples(PRESENT, LINKS), min_size=2, max_size=6)


@given(RUNS, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_groups_that_nothing_touches_keep_their_ids(
    runs: list[tuple[str, list[Pair]]], shuffle: random.Random
) -> None:
    memory, given_before = Memory(), set[str]()
    groups: dict[frozenset[str], str] = {}
    for names, links in runs:
        retired = set(memory.retired)
        rows = projects(names)
        shuffle.shuffle(rows)
        grouping = grouped(rows, links)
        identity = memory.run(grouping)
        now = {part: memory.group_of[f"indexer/{min(part)}"] for part in parts(grouping)}
        assert len(set(now.values())) == len(now)
        assert not retired & set(now.values())
        assert not given_before & set(identity.created)
        assert len(set(memory.seniority.values())) == len(memory.seniority)
        _refuse_changed(groups, now)
        groups, given_before = now, given_before | set(identity.created)


def _refuse_changed(before: dict[frozenset[str], str], now: dict[frozenset[str], str]) -> None:
    """A group with the same members as in the run before has the id it had."""
    for part, group_id in now.items():
        assert before.get(part, group_id) == group_id


@given(LINKS, LINKS)
@settings(max_examples=80, deadline=None)
def test_the_history_explains_every_project_that_has_another_id(first: list[Pair], then: list[Pair]) -> None:
    memory = Memory()
    before = run(memory, PROJECTS, *first)
    grouping = grouped(projects(PROJECTS), then)
    identity = memory.run(grouping)
    told = events(grouping, identity)
    moved = [(old, memory.group_of[f"indexer/{name}"]) for name, old in before.items()]
    moved = [(old, new) for old, new in moved if old != new]
    assert sorted(moved) == sorted(
        (event.from_group_id, event.to_group_id) for event in told for _ in range(event.project_count)
    )
    assert all(event.reason for event in told)


@given(LINKS, st.sampled_from(["one", "two"]), st.data())
@settings(max_examples=60, deadline=None)
def test_adding_projects_leaves_all_ids(links: list[Pair], how: str, data: st.DataObject) -> None:
    """Newcomers that link to nobody, or to one group, change no id."""
    memory = Memory()
    before = run(memory, PROJECTS, *links)
    friend = data.draw(st.sampled_from(PROJECTS))
    more = [("z", "y")] if how == "one" else [("z", friend), ("z", "y")]
    after = run(memory, PROJECTS + "yz", *links, *more)
    assert {name: after[name] for name in PROJECTS} == before
    assert after["z"] == (after["y"] if how == "one" else before[friend])
