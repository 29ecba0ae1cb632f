"""Rows, amounts and newest timestamps against what is published."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.models.checks import Change, GroupTotals, NeverOlder
from regendata.publish.checks.scan import Group, key_text, rolled_up
from regendata.publish.checks.totals import judge_change, judge_groups, judge_newest
from regendata.publish.checks.verdict import Finding

NAN = float("nan")


def _fall(now: float, before: float, limit: float) -> Finding:
    return judge_change(Change("stop", "fall", limit), "rows", now, before, "SELECT 1")


@pytest.mark.parametrize(
    ("now", "before", "limit", "passed"),
    [
        (100, 100, 0.0, True),
        (101, 100, 0.0, True),
        (99, 100, 1.0, True),
        (989, 1000, 1.0, False),
        (0, 100, 100.0, True),
        (0, 100, 99.9, False),
        (5, 0, 0.0, True),
        (0, 0, 0.0, True),
        (-5.0, 0.0, 1.0, True),
        (NAN, 100, 50.0, False),
        (0.1 + 0.2, 0.3, 0.0, True),
        (0.3, 0.1 + 0.2, 0.0, True),
    ],
)
def test_fall(now: float, before: float, limit: float, passed: bool) -> None:
    assert _fall(now, before, limit).passed is passed


@pytest.mark.parametrize(("now", "passed"), [(109, True), (111, False), (1, True), (NAN, False)])
def test_rise(now: float, passed: bool) -> None:
    assert judge_change(Change("ask", "rise", 10), "usd", now, 100, "").passed is passed


def test_a_change_says_its_figures() -> None:
    found = _fall(900, 1200, 2.5)
    assert found.figure == "900.00 after 1,200.00 published: 25.00 % less"
    assert found.expected == "at most 2.5 % less"
    assert found.statement == "SELECT 1"


def _groups(*rows: tuple[int, int, float | None]) -> dict[str, Group]:
    """Chain, rows, amount."""
    groups = [Group({"chain_id": chain}, count, amount) for chain, count, amount in rows]
    return {key_text(group.key): group for group in groups}


RULE = GroupTotals("ask", ("chain_id",), max_fall_pct=5, max_rise_pct=20, floor_rows=10, floor_amount=100)


@pytest.mark.parametrize(
    ("now", "figure"),
    [
        ([(1, 100, 5000.0), (10, 100, 5000.0)], "0 of 2 groups"),
        ([(1, 80, 5000.0), (10, 100, 5000.0)], "chain_id 1: rows 80.00 after 100.00 published: 20.00 % less"),
        (
            [(1, 100, 50000.0), (10, 100, 5000.0)],
            "chain_id 1: usd 50,000.00 after 5,000.00 published: 900.00 % more",
        ),
        # Under the floors: 9 rows, 99 USD.
        ([(1, 91, 5000.0), (10, 109, 5000.0)], "0 of 2 groups"),
        (
            [(1, 121, 5099.0), (10, 100, 5000.0)],
            "chain_id 1: rows 121.00 after 100.00 published: 21.00 % more",
        ),
        ([(1, 100, 5000.0)], "chain_id 10: rows 0.00 after 100.00 published: 100.00 % less"),
        ([(1, 100, NAN), (10, 100, 5000.0)], "chain_id 1: usd nan after 5,000.00 published"),
        ([(1, 100, 5000.0), (10, 100, 5000.0), (42, 1, 1.0)], "0 of 2 groups"),
    ],
)
def test_groups(now: list[tuple[int, int, float | None]], figure: str) -> None:
    before = _groups((1, 100, 5000.0), (10, 100, 5000.0))
    found = judge_groups(RULE, _groups(*now), before, (), "")
    assert figure in found.figure
    assert found.passed is figure.startswith("0 of")
    assert found.expected == "each at most 5 % less and 20 % more"


def test_a_group_that_is_gone_counts_however_small() -> None:
    found = judge_groups(RULE, {}, _groups((42, 1, 0.5)), (), "")
    assert not found.passed
    assert found.samples[0] == {
        "chain_id": 42,
        "measure": "rows",
        "now": 0.0,
        "published": 1.0,
        "change_pct": -100.0,
    }


def test_a_waived_group_is_left_out() -> None:
    before = _groups((1, 100, None), (10, 100, None))
    now = _groups((1, 100, None))
    assert not judge_groups(RULE, now, before, [{"chain_id": 1}], "").passed
    found = judge_groups(RULE, now, before, [{"chain_id": 10}], "")
    assert (found.passed, found.figure) == (True, "0 of 1 groups")


def test_many_groups_are_counted_and_the_worst_named() -> None:
    before = _groups(*((chain, 100, None) for chain in range(20)))
    now = _groups(*((chain, 50 + chain, None) for chain in range(1, 20)))
    found = judge_groups(RULE, now, before, (), "")
    assert found.figure.startswith("20 of 20 groups: chain_id 0: rows 0.00 after 100.00")
    assert found.figure.endswith("and 17 more")
    assert [sample["chain_id"] for sample in found.samples] == [0, 1, 2, 3, 4]


MONDAY, SUNDAY = (datetime(2024, 5, day, tzinfo=timezone.utc) for day in (6, 5))


@pytest.mark.parametrize(
    ("now", "passed"), [({1: MONDAY}, True), ({1: SUNDAY}, False), ({1: None}, False), ({}, False)]
)
def test_newest_never_goes_back(now: dict[int, datetime | None], passed: bool) -> None:
    before = [Group({"chain_id": 1}, 5, newest=MONDAY), Group({"chain_id": 2}, 5)]
    groups = {
        key_text({"chain_id": chain}): Group({"chain_id": chain}, 5, newest=at) for chain, at in now.items()
    }
    rule = NeverOlder("ask", ("chain_id",))
    found = judge_newest(rule, groups, {key_text(one.key): one for one in before}, (), "")
    assert found.passed is passed
    assert ("chain_id 1: newest" in found.figure) is not passed


AMOUNTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.floats(0, 1e9, allow_nan=False)),
    min_size=1,
    max_size=30,
)


@given(AMOUNTS, st.randoms())
def test_groups_add_up_whatever_their_order(rows: list[tuple[int, int, float]], random: object) -> None:
    keyed = {(chain, round_): amount for chain, round_, amount in rows}
    groups = [Group({"chain_id": c, "round_id": r}, 1, amount) for (c, r), amount in keyed.items()]
    shuffled = list(groups)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rolled_up(groups, ["chain_id"]) == rolled_up(shuffled, ["chain_id"])
    assert sum(one.rows for one in rolled_up(groups, ["chain_id"]).values()) == len(groups)
