"""Checks of single relations on real tables: rows, groups, keys, freshness, waivers."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from regendata.exceptions import CheckFailed
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds, checks
from regendata.models.waivers import Waiver
from tests.support.check_results import GIFTS_RELATION, checked, results, waiver
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres

NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)
#: Id, chain, giver, amount, moment.
Given = list[tuple[int, int | None, str | None, float, datetime]]
TIMED: Given = [
    (number, chain, "ann", 10.0, NOW - 40 * DAY + number * timedelta(hours=6))
    for number, chain in ((one, 10 if one % 2 else 1) for one in range(100))
]
TIMED_MODEL = """/*
description: Every gift.
unique_key: [id]
amount: amount
timestamp: at
columns: {{id: "Number of the gift.", chain_id: "", giver: "", amount: "", at: ""}}
checks: {checks}
*/
SELECT gift.id, gift.chain_id, gift.giver, gift.amount, gift.at FROM landing.gifts AS gift
"""


def timed(small: SmallProject, header: str) -> None:
    """The small project whose gifts have a moment."""
    small.table("landing.gifts", "id integer, chain_id integer, giver text, amount real, at timestamptz")
    small.model("public.gifts", TIMED_MODEL.format(checks=header))


@pytest.mark.parametrize(
    ("header", "rows", "name", "figure", "sample"),
    [
        (
            "{accepted_values: {giver: [ann, bob]}}",
            (4, 1, "eve", 1.0),
            "accepted_values giver",
            "1 row",
            "eve",
        ),
        ("{range: {amount: {max: 100}}}", (4, 1, "ann", "NaN"), "range amount", "1 row", "NaN"),
        ("{range: {amount: {min: 0}}}", (4, 1, "ann", -1), "range amount", "1 row", -1),
        ("{matches: {giver: '^[a-z]+$'}}", (4, 1, "Ann!", 1.0), "matches giver", "1 row", "Ann!"),
        ("{holds: {gifts are small: amount < 50}}", (4, 1, "ann", 99), "holds gifts are small", "1 row", 99),
        ("{unique: [[giver]]}", (4, 1, "eve", 1.0), "unique giver", "1 keys with more than one row", "ann"),
    ],
)
def test_rows_that_break_a_rule_are_counted_and_shown(
    header: str,
    rows: tuple[Any, ...],
    name: str,
    figure: str,
    sample: Any,
    small: SmallProject,
    warehouse: Warehouse,
) -> None:
    checked(small, header)
    small.edit("public.gifts", 'columns: {id: "Number of the gift."}', "columns: {id: '', amount: ''}")
    small.land([*GIFTS, rows], NAMES)
    with pytest.raises(CheckFailed, match=f"public.gifts: {name}: {figure}"):
        small.build()
    severity, verdict, found, samples = results(warehouse, 1)[name]
    assert (severity, verdict, found) == ("stop", "failed", figure)
    assert sample in samples[0].values()


def test_null_is_no_value_that_a_rule_speaks_of(small: SmallProject) -> None:
    header = "{accepted_values: {giver: [ann, bob]}, matches: {giver: '^a|b'}, range: {amount: {min: 0}}}"
    checked(small, header)
    small.refresh([*GIFTS, (4, 1, None, None)], NAMES)


@pytest.mark.parametrize(("severity", "verdict"), [("ask", "failed"), ("warn", "failed")])
def test_only_stop_ends_the_run(
    severity: str, verdict: str, small: SmallProject, warehouse: Warehouse
) -> None:
    checked(small, f"[{{severity: {severity}, min_rows: 1000}}]")
    small.land(GIFTS, NAMES)
    small.build()
    assert results(warehouse, 1)["min_rows"][:2] == (severity, verdict)


TOTALS = "{severity: ask, totals: {by: chain_id, max_fall_pct: 5, max_rise_pct: 5, floor_rows: 2}}"


def _again(small: SmallProject, rows: Given, build: int, warehouse: Warehouse) -> tuple[Any, ...]:
    small.land(rows, NAMES)
    small.build()
    return results(warehouse, build)["totals chain_id"]


def test_a_groups_past_stays_while_it_grows(small: SmallProject, warehouse: Warehouse) -> None:
    timed(small, TOTALS)
    small.refresh(TIMED, NAMES)
    later = [(1000 + one, 10, "bob", 5.0, NOW - DAY + timedelta(minutes=one)) for one in range(500)]
    assert _again(small, [*TIMED, *later], 2, warehouse)[1:3] == ("passed", "0 of 2 groups")
    earlier = [(2000 + one, 1, "eve", 5.0, NOW - 35 * DAY) for one in range(5)]
    _, verdict, figure, samples = _again(small, [*TIMED, *earlier], 3, warehouse)
    assert (verdict, figure) == (
        "failed",
        "1 of 2 groups: chain_id 1: rows 55.00 after 50.00 published: 10.00 % more",
    )
    assert samples == [{"chain_id": 1, "measure": "rows", "now": 55.0, "published": 50.0, "change_pct": 10.0}]
    gone = [row for row in TIMED if row[1] != 10]
    assert "chain_id 10: rows 0.00 after 50.00" in _again(small, gone, 4, warehouse)[2]


def test_what_is_published_is_not_read_again(small: SmallProject, warehouse: Warehouse) -> None:
    """Group totals come from the scan that checked what is published, through carried-over builds."""
    timed(small, TOTALS)
    small.refresh(TIMED, NAMES)
    small.refresh(names=[*NAMES, (7, "Seven")])
    small.refresh(names=[*NAMES, (8, "Eight")])
    warehouse.do("UPDATE meta.group_total SET row_count = 500 WHERE group_key = '{\"chain_id\": 10}'")
    more = [*TIMED, (1000, 1, "bob", 5.0, NOW)]
    assert "chain_id 10: rows 50.00 after 500.00 published" in _again(small, more, 4, warehouse)[2]


def test_totals_of_relations_that_are_gone_are_forgotten(small: SmallProject, warehouse: Warehouse) -> None:
    kept = small.keeping(1)
    for number in range(4):
        kept.refresh([*GIFTS, *((10 + more, 1, "ann", 1.0) for more in range(number))], NAMES)
    places = {row[0] for row in warehouse.rows("SELECT physical FROM meta.group_total")}
    assert {place for place in places if place.endswith(".gifts")} == {"build_3.gifts", "build_4.gifts"}


def test_other_groups_than_before_are_not_compared(small: SmallProject, warehouse: Warehouse) -> None:
    timed(small, TOTALS)
    small.refresh(TIMED, NAMES)
    timed(small, "{severity: ask, totals: {by: [chain_id, giver], max_fall_pct: 5}}")
    small.build()
    assert results(warehouse, 2)["totals chain_id, giver"][1:3] == ("passed", "0 of 0 groups")


def test_newest_goes_back(small: SmallProject, warehouse: Warehouse) -> None:
    timed(small, "{severity: ask, never_older: chain_id}")
    small.refresh(TIMED, NAMES)
    small.land(TIMED[:-1], NAMES)
    small.build()
    _, verdict, figure, _ = results(warehouse, 2)["never_older chain_id"]
    assert verdict == "failed"
    assert figure.startswith("1 of 2 groups: chain_id 10: newest 20")


@pytest.mark.parametrize(
    ("moments", "figure"),
    [
        # Every 6 hours until now; every 6 hours until 5 days ago; dead since 40 days; one moment only.
        ([NOW - one * timedelta(hours=6) for one in range(60)], "0 of 1 groups"),
        (
            [NOW - 5 * DAY - one * timedelta(hours=6) for one in range(60)],
            "chain_id 1: quiet for 120.",
        ),
        ([NOW - 40 * DAY - one * timedelta(hours=6) for one in range(60)], "0 of 0 groups"),
        ([NOW - 5 * DAY], "0 of 1 groups"),
        ([NOW - 5 * DAY, NOW - 9 * DAY], "0 of 1 groups"),
    ],
)
def test_freshness_against_its_own_history(
    moments: list[datetime], figure: str, small: SmallProject, warehouse: Warehouse
) -> None:
    timed(small, "{severity: warn, freshness: {by: chain_id, days: 30, times: 3}}")
    small.land([(number, 1, "ann", 1.0, at) for number, at in enumerate(moments)], NAMES)
    small.build()
    assert figure in results(warehouse, 1)["freshness chain_id"][2]


NULLS = [*GIFTS, (4, 1, None, 2.0), (5, 10, None, 2.0)]


@pytest.mark.parametrize(
    ("given", "passes", "figure"),
    [
        (waiver("not_null giver"), True, "2 NULL"),
        (waiver("not_null giver", {"chain_id": 1}, {"chain_id": 10}), True, "2 NULL"),
        (waiver("not_null giver", {"chain_id": 1}), False, "1 NULL"),
        (waiver("not_null id"), False, "2 NULL"),
        (waiver("not_null giver", until=date(2020, 1, 1)), False, "2 NULL"),
    ],
)
def test_waivers(given: Waiver, passes: bool, figure: str, small: SmallProject, warehouse: Warehouse) -> None:
    small.land(NULLS, NAMES)
    project = small.load()
    model = project.models[GIFTS_RELATION]
    with connect() as conn:
        build_id = builds.open_build(conn, project, "waived").build_id
        conn.execute("CREATE TABLE build_1.gifts AS SELECT * FROM landing.gifts")
        if passes:
            checks.check_relation(conn, build_id, project.system, model, [given])
        else:
            with pytest.raises(CheckFailed, match=f"not_null giver: {figure}"):
                checks.check_relation(conn, build_id, project.system, model, [given])
    assert results(warehouse, 1)["not_null giver"][1:3] == ("waived" if passes else "failed", figure)
    kept = warehouse.value("SELECT waiver FROM meta.check_result WHERE check_name = 'not_null giver'")
    is_applied = given.check == "not_null giver" and given.until.year == 2999
    assert kept == (given.facts() if is_applied else None)


def test_a_broken_key_is_a_row_as_well(small: SmallProject, warehouse: Warehouse) -> None:
    small.land([*GIFTS, (3, 1, "eve", 1.0)], NAMES)
    with pytest.raises(CheckFailed, match="key is not unique"):
        small.build()
    assert results(warehouse, 1)["unique id"][:3] == ("stop", "failed", "Key (id)=(3) is duplicated.")
