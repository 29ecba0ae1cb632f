"""Checks of a build on real tables: groups, keys, freshness, waivers, promises to readers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from regendata.exceptions import CheckFailed
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds, checks
from regendata.hooks.warehouse.promises import check_promises
from regendata.models.contracts import Contract, read_contract
from regendata.models.relation import Relation
from regendata.models.waivers import Waiver
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres

GIFTS_NAME = Relation("public", "gifts")
PLAIN_CHECKS = "{min_rows: 1, not_null: [id, giver], max_fall_pct: 10}"
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


def checked(header: str) -> Callable[[SmallProject], None]:
    """The small project with other checks of its gifts."""
    return lambda small: small.edit("public.gifts", PLAIN_CHECKS, header)


def timed(small: SmallProject, header: str) -> None:
    """The small project whose gifts have a moment."""
    small.table("landing.gifts", "id integer, chain_id integer, giver text, amount real, at timestamptz")
    small.model("public.gifts", TIMED_MODEL.format(checks=header))


def results(
    warehouse: Warehouse, build_id: int, relation: str = "public.gifts"
) -> dict[str, tuple[Any, ...]]:
    """Severity, verdict, figure and samples by the name of the check."""
    rows = warehouse.rows(
        "SELECT check_name, severity, verdict, figure, samples FROM meta.check_result "
        "WHERE build_id = %s AND relation = %s",
        [build_id, relation],
    )
    return {row[0]: row[1:] for row in rows}


def waiver(check: str, *partitions: dict[str, Any], until: date = date(2999, 1, 1)) -> Waiver:
    return Waiver(GIFTS_NAME, check, "Ann", "known", until, partitions)


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
    checked(header)(small)
    small.edit("public.gifts", 'columns: {id: "Number of the gift."}', "columns: {id: '', amount: ''}")
    small.land([*GIFTS, rows], NAMES)
    with pytest.raises(CheckFailed, match=f"public.gifts: {name}: {figure}"):
        small.build()
    severity, verdict, found, samples = results(warehouse, 1)[name]
    assert (severity, verdict, found) == ("stop", "failed", figure)
    assert sample in samples[0].values()


def test_null_is_no_value_that_a_rule_speaks_of(small: SmallProject) -> None:
    header = "{accepted_values: {giver: [ann, bob]}, matches: {giver: '^a|b'}, range: {amount: {min: 0}}}"
    checked(header)(small)
    small.refresh([*GIFTS, (4, 1, None, None)], NAMES)


@pytest.mark.parametrize(("severity", "verdict"), [("ask", "failed"), ("warn", "failed")])
def test_only_stop_ends_the_run(
    severity: str, verdict: str, small: SmallProject, warehouse: Warehouse
) -> None:
    checked(f"[{{severity: {severity}, min_rows: 1000}}]")(small)
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
            "chain_id 1: quiet for 120.0 h, longest gap 6.0 h",
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
    model = project.models[GIFTS_NAME]
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


CONTRACT = """
reader: A dashboard
relations:
  public.gifts: {id: integer, amount: real}
  public.chain_names: {name: text}
  public.of_another_system: {id: integer}
probes:
  gifts by chain: |
    SELECT named.name, sum(gift.amount) AS amount
    FROM public.gifts AS gift
    INNER JOIN public.chain_names AS named ON gift.chain_id = named.chain_id
    GROUP BY named.name
  with another system: SELECT o.id FROM public.of_another_system AS o, public.gifts AS g
"""


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    path = tmp_path / "dashboard.yaml"
    path.write_text(CONTRACT, encoding="utf-8")
    return read_contract(path)


def promised(small: SmallProject, build_id: int, contract: Contract, *waivers: Waiver) -> dict[str, str]:
    """Verdict of each check across views, by name."""
    with connect() as conn:
        found = check_promises(conn, build_id, small.load(), [contract], waivers)
    return {result.name: result.verdict for results in found.values() for result in results}


def test_promises_are_kept(small: SmallProject, contract: Contract) -> None:
    small.land(GIFTS, NAMES)
    small.build()
    assert promised(small, 1, contract) == {
        "reader dashboard: columns": "passed",
        "reader dashboard: gifts by chain": "passed",
    }


def test_what_did_not_change_is_not_judged_again(small: SmallProject, contract: Contract) -> None:
    small.refresh(GIFTS, NAMES)
    small.model("public.more", "/*\ndescription: More.\n*/\nSELECT gift.id FROM public.gifts AS gift")
    small.build()
    assert promised(small, 2, contract) == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "gift.giver, gift.amount FROM",
            "gift.giver, gift.amount::numeric AS amount FROM",
            r"public\.gifts: reader dashboard: columns: 1 of 2 columns: amount is numeric, not real, "
            r"expected what A dashboard was promised",
        ),
        (
            "gift.chain_id, gift.giver, gift.amount FROM",
            "gift.giver, gift.amount, gift.chain_id::text AS chain_id FROM",
            r"public\.gifts: reader dashboard: gifts by chain: operator does not exist: text = integer",
        ),
    ],
)
def test_a_broken_promise_names_reader_relation_and_column(
    old: str, new: str, message: str, small: SmallProject, contract: Contract, warehouse: Warehouse
) -> None:
    small.refresh(GIFTS, NAMES)
    small.edit("public.gifts", old, new)
    for name in ("public.named_gifts", "views.givers"):
        small.edit(name, "public.gifts AS gift", "landing.gifts AS gift")
    small.build()
    with pytest.raises(CheckFailed, match=message):
        promised(small, 2, contract)
    with pytest.raises(CheckFailed, match=r"build 2: public\.gifts did not pass reader dashboard"):
        small.publish(2)


REFERENCES = "{references: {chain_id: public.chain_names (chain_id)}}"


def test_a_reference_is_judged_when_either_side_changed(
    small: SmallProject, contract: Contract, warehouse: Warehouse
) -> None:
    checked(REFERENCES)(small)
    small.refresh(GIFTS, NAMES)
    small.land(names=NAMES[:1])
    small.build()
    name = r"references chain_id -> public\.chain_names"
    with pytest.raises(
        CheckFailed, match=rf"public\.gifts: {name}: 1 unknown.*\{{'rows': 2, 'chain_id': 10\}}"
    ):
        promised(small, 2, contract)
    given = waiver("references chain_id -> public.chain_names", {"chain_id": 10})
    assert promised(small, 2, contract, given)["references chain_id -> public.chain_names"] == "waived"


def test_waivers_nobody_needs_are_told(
    small: SmallProject, contract: Contract, caplog: pytest.LogCaptureFixture
) -> None:
    small.land(GIFTS, NAMES)
    small.build()
    with caplog.at_level(logging.WARNING):
        promised(small, 1, contract, waiver("min_rows"), waiver("max_fall rows", until=date(2020, 1, 1)))
    assert "waiver matches no failing check of this build: public.gifts: min_rows (by Ann" in caplog.text
    assert "waiver expired: public.gifts: max_fall rows" in caplog.text
