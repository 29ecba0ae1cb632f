"""Answers about cards: what counts as rows and figures, and when two figures are the same."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regendata.exceptions import BadSourceAnswer
from regendata.paths import REPOSITORY
from regendata.sources.metabase import columns_digest, compare, only_figure, only_row, rows_of

DATA = Path(os.environ.get("REGENDATA_REAL_DATA") or REPOSITORY.parent / "shared" / "data")
REAL = DATA / "grants" / "metabase_failed_query.json"
FAILED = {
    "status": "failed",
    "error": "ERROR: permission denied for schema public\n  Position: 912",
    "error_type": "invalid-query",
    "state": "42501",
    "row_count": 0,
    "data": {"rows": [], "cols": []},
}


def test_rows_by_display_name() -> None:
    assert rows_of([{"allo_gmv": 12.5}], 196) == [{"allo_gmv": 12.5}]


def test_a_failed_query_is_an_object_and_names_its_reason() -> None:
    message = "Metabase card 196: its query failed, 42501: ERROR: permission denied for schema public"
    with pytest.raises(BadSourceAnswer) as caught:
        rows_of(FAILED, 196)
    assert str(caught.value) == message


@pytest.mark.skipif(not REAL.exists(), reason=f"no real answer at {REAL} (set REGENDATA_REAL_DATA)")
def test_a_failed_query_of_a_real_metabase() -> None:
    body = json.loads(REAL.read_text())
    with pytest.raises(BadSourceAnswer, match="card 196: its query failed, 42501: "):
        rows_of(body, 196)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("[]", "the answer is str '\\[\\]'"),
        ([1], r"the answer is list '\[1\]'"),
        (None, "the answer is nothing"),
    ],
)
def test_an_answer_that_is_no_list_of_rows(answer: object, said: str) -> None:
    with pytest.raises(BadSourceAnswer, match=f"Metabase card 7: {said}, not a list of rows"):
        rows_of(answer, 7)


@pytest.mark.parametrize("value", [12, 12.0, Decimal("12")])
def test_a_figure(value: Any) -> None:
    assert only_figure([{"Allo GMV": value}], 196) == Decimal(12)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "0 rows, not one"),
        ([{"a": 1}, {"a": 2}], "2 rows, not one"),
        ([{"a": 1, "b": 2}], "columns a, b, not one"),
        ([{}], "columns none, not one"),
        ([{"gmv": "1,234"}], "gmv is str '1,234', not a number"),
        ([{"gmv": None}], "gmv is nothing, not a number"),
        ([{"gmv": True}], "gmv is bool 'True', not a number"),
        ([{"gmv": float("nan")}], "gmv is nan, not a number"),
        ([{"gmv": {"value": 1}}], "gmv is dict .*, not a number"),
    ],
)
def test_what_is_no_figure_is_named(rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(BadSourceAnswer, match=f"^Metabase card 196: {said}$"):
        only_figure(rows, 196)


def test_one_row_is_wanted() -> None:
    assert only_row([{"a": 1}], 328) == {"a": 1}
    with pytest.raises(BadSourceAnswer, match="card 328: 0 rows"):
        only_row([], 328)


def test_sums_that_differ_by_the_order_of_addition_are_the_same() -> None:
    assert [one.is_equal for one in compare({"usd": 0.1 + 0.2}, {"usd": 0.3})] == [True]


def test_every_difference_has_its_column() -> None:
    told = {"usd": Decimal("100.00"), "donors": 4, "extra": 1}
    known = {"usd": 100.0, "donors": 5, "rounds": 2}
    found = [(one.column, one.is_equal, one.told, one.known) for one in compare(told, known)]
    assert found == [
        ("usd", True, "100.00", "100.0"),
        ("donors", False, "4", "5"),
        ("rounds", False, "no such column", "2"),
        ("extra", False, "1", "no such column"),
    ]


def test_nothing_equals_nothing_less() -> None:
    assert not compare({"usd": None}, {"usd": None})[0].is_equal


def test_columns_are_the_same_in_any_order_and_differ_by_type() -> None:
    rounds, gmv = ("public", "rounds", "id", "text"), ("public", "events", "gmv", "real")
    assert columns_digest([rounds, gmv]) == columns_digest([gmv, rounds])
    assert columns_digest([rounds, gmv]) != columns_digest([rounds, (*gmv[:3], "double precision")])
    assert columns_digest([rounds]) != columns_digest([rounds, gmv])
