"""Row versions of a source table: what is new since a cut, and whether the rest is as it was."""

from __future__ import annotations

from typing import Any

import pytest

from regendata.models.relation import Relation
from regendata.models.tables import TableSpec
from regendata.sources.row_versions import (
    ChainRows,
    Horizon,
    LastCut,
    fingerprint_query,
    last_page,
    newer_query,
    newer_rows,
    only_added,
    sums,
    with_newer,
)
from tests.unit.builders import table

SOURCE = Relation("chain_data_88", "rounds")
OURS = table("landing.rounds", id="TEXT", chain_id="INT")
THEN = [ChainRows(1, 3, "90"), ChainRows(10, 2, "-7")]


@pytest.mark.parametrize(
    ("ours", "chain", "where"),
    [
        (OURS, '"chain_id"', " WHERE (chain_id IN (11155111)) IS NOT TRUE"),
        (table("landing.x", id="TEXT"), "NULL::integer", ""),
    ],
)
def test_fingerprint_is_per_chain_where_there_are_chains(ours: TableSpec, chain: str, where: str) -> None:
    query = fingerprint_query(ours, SOURCE, [11155111], 180_000).as_string(None)
    assert f"(SELECT {chain} AS chain, " in query
    assert query.endswith(f'FROM "chain_data_88"."rounds"{where}) AS versions GROUP BY 1 ORDER BY 1')


@pytest.mark.parametrize(
    ("text", "horizon"),
    [
        ("100:105:", Horizon(105)),
        ("100:105:100,103", Horizon(105, (100, 103))),
        # Ids of transactions go on over 32 bits, those in rows begin again.
        (f"{2**32 + 5}:{2**32 + 7}:{2**32 + 5}", Horizon(7, (5,))),
        ("100:105", None),
        ("", None),
        (None, None),
    ],
)
def test_a_horizon_is_what_a_snapshot_does_not_hold(text: str | None, horizon: Horizon | None) -> None:
    assert Horizon.parse(text) == horizon


def test_pages_of_all_chains_are_read() -> None:
    chains = [
        ChainRows(1, 9, "0", 1, "0", "(10,2)", "(10,2)"),
        ChainRows(2, 9, "0", 2, "0", "(9,30)", "(9,31)"),
    ]
    condition = newer_rows(Horizon(105), chains).as_string(None)
    assert condition.startswith(
        "ctid >= '(9,30)'::tid AND ctid <= '(10,2)'::tid AND (age(xmin) <= age('105'::xid)"
    )


def test_newer_rows_are_looked_for_from_a_page_on_where_the_server_can() -> None:
    for version, where in ((180_000, "ctid >= '(7,0)'::tid AND (age(xmin)"), (130_000, " WHERE (age(xmin)")):
        assert where in newer_query(OURS, SOURCE, [], version, Horizon(105), 7).as_string(None)


def test_what_is_newer_goes_to_its_chain() -> None:
    grown = with_newer([ChainRows(1, 5, "100"), THEN[1]], [(1, 2, "10", "(9,1)", "(9,2)")])
    assert grown == [ChainRows(1, 5, "100", 2, "10", "(9,1)", "(9,2)"), THEN[1]]


@pytest.mark.parametrize(
    ("details", "last"),
    [
        ({}, None),
        ({"snapshot": "100:105:"}, None),
        ({"snapshot": "100:105:", "sums": {}}, LastCut(Horizon(105), {})),
        ({"snapshot": "100:105:", "sums": {}, "last_page": 9}, LastCut(Horizon(105), {}, 9)),
    ],
)
def test_the_last_cut_is_known_by_its_details(details: dict[str, Any], last: LastCut | None) -> None:
    assert LastCut.of(details) == last


def test_the_last_page_is_that_of_any_chain() -> None:
    assert last_page([ChainRows(1, 1, "0", end="(9,1)"), ChainRows(2, 1, "0", end="(10,1)"), THEN[0]]) == 10
    assert last_page([]) == 0


def test_without_pages_every_row_is_looked_at() -> None:
    assert newer_rows(Horizon(105), [ChainRows(1, 9, "0", 1, "5")]).as_string(None).startswith("(age(xmin)")


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (THEN, True),
        ([ChainRows(1, 5, "100", 2, "10"), THEN[1]], True),
        ([*THEN, ChainRows(137, 1, "4", 1, "4")], True),
        ([ChainRows(1, 5, "101", 2, "10"), THEN[1]], False),
        ([ChainRows(1, 4, "100", 2, "10"), THEN[1]], False),
        ([THEN[0]], False),
        ([*THEN, ChainRows(137, 2, "9", 1, "4")], False),
    ],
    ids=[
        "same",
        "more",
        "a new chain",
        "other rows",
        "fewer rows",
        "a chain gone",
        "an old row of a new chain",
    ],
)
def test_rows_were_only_added_when_the_rest_is_as_it_was(now: list[ChainRows], holds: bool) -> None:
    assert only_added(sums(THEN), now) is holds
