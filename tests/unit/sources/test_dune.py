"""Dune's result: whole, fresh, and as typed rows."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from regendata.exceptions import BadSourceAnswer, EmptySource, RegendataError, StaleSource
from regendata.sources.dune import COMPLETED, check_result, to_rows

NOW = datetime(2024, 10, 22, 12, tzinfo=timezone.utc)
DAY = timedelta(hours=24)
EVENT = {
    "blockchain": "arbitrum",
    "tx_timestamp": "2024-09-23 12:58:53.000 UTC",
    "tx_hash": "0xab",
    "address": "0xCd",
    "role": "grantee",
    "gmv": 12.5,
    "strategy_name": "allov2.QF",
}


def _event(**changed: Any) -> dict[str, Any]:
    return {**EVENT, **changed}


@pytest.mark.parametrize(
    ("state", "age", "rows", "announced", "error", "message"),
    [
        ("QUERY_STATE_EXECUTING", DAY, 5, 5, BadSourceAnswer, "state QUERY_STATE_EXECUTING"),
        (
            "QUERY_STATE_COMPLETED_PARTIAL",
            DAY,
            5,
            5,
            BadSourceAnswer,
            "only QUERY_STATE_COMPLETED is a whole",
        ),
        (COMPLETED, DAY + timedelta(seconds=1), 5, 5, StaleSource, "more than 1 day, 0:00:00 ago"),
        (COMPLETED, None, 5, 5, StaleSource, "executed None"),
        (COMPLETED, DAY, 0, 0, EmptySource, "the result has no rows"),
        (COMPLETED, DAY, 4, 5, BadSourceAnswer, "4 rows came, 5 were announced"),
        (COMPLETED, DAY, 6, 5, BadSourceAnswer, "6 rows came, 5 were announced"),
    ],
)
def test_a_result_that_is_not_whole_and_fresh(
    state: str,
    age: timedelta | None,
    rows: int,
    announced: int,
    error: type[RegendataError],
    message: str,
) -> None:
    ended_at = None if age is None else NOW - age
    with pytest.raises(error, match=f"^Dune query 4118421: .*{message}"):
        check_result(state, ended_at, rows, announced, DAY, NOW)


def test_a_whole_and_fresh_result_passes() -> None:
    check_result(COMPLETED, NOW - DAY, 5, 5, DAY, NOW)


def test_rows_in_the_order_of_the_table() -> None:
    assert to_rows([EVENT]) == [
        ("arbitrum", "2024-09-23T12:58:53+00:00", "0xab", "0xCd", "grantee", 12.5, "allov2.QF")
    ]


@pytest.mark.parametrize(
    ("column", "given", "position", "expected"),
    [
        ("strategy_name", "Owner's Fund", 6, "Owner's Fund"),
        ("strategy_name", None, 6, None),
        ("strategy_name", "", 6, ""),
        ("address", None, 3, None),
        ("gmv", "7.25", 5, 7.25),
        ("gmv", 3, 5, 3.0),
        ("gmv", 0, 5, 0.0),
        ("tx_timestamp", "2024-09-23 12:58:53 UTC", 1, "2024-09-23T12:58:53+00:00"),
        ("tx_timestamp", "2024-09-23T12:58:53.123+02:00", 1, "2024-09-23T12:58:53.123000+02:00"),
    ],
)
def test_cells(column: str, given: object, position: int, expected: object) -> None:
    (row,) = to_rows([_event(**{column: given})])
    assert row[position] == expected


@pytest.mark.parametrize(
    ("column", "given"),
    [
        ("gmv", None),
        ("gmv", "much"),
        ("gmv", ""),
        ("gmv", "NaN"),
        ("gmv", float("nan")),
        ("gmv", float("inf")),
        ("gmv", "-Infinity"),
        ("gmv", [1]),
        ("tx_timestamp", None),
        ("tx_timestamp", "yesterday"),
        ("tx_timestamp", "2024-13-01 00:00:00.000 UTC"),
    ],
)
def test_a_bad_cell_is_named(column: str, given: object) -> None:
    with pytest.raises(BadSourceAnswer) as bad:
        to_rows([EVENT, _event(**{column: given})])
    assert str(bad.value) == f"Dune query 4118421: row 2, column {column}: cannot read {given!r}"


def test_a_missing_column_is_named() -> None:
    lacking = {key: value for key, value in EVENT.items() if key != "role"}
    with pytest.raises(BadSourceAnswer, match="row 3 has no column role"):
        to_rows([EVENT, EVENT, lacking])


def test_columns_beyond_ours_are_ignored() -> None:
    assert to_rows([_event(extra=1)]) == to_rows([EVENT])
