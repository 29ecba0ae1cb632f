"""The Sheets stand-in on the wire: titles and locale, ragged rows, ranges, errors, and what people do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.exceptions import BadTrouble
from sandbox.generator.sheets import write_sheets
from sandbox.layout import Sandbox
from sandbox.upstreams.server import StandIns

GRID = [["a", "b", "c"], ["1", "", ""], ["", "2", ""], ["", "", ""], ["3", "4", "5"], ["", "", ""]]
RAGGED = [["a", "b", "c"], ["1"], ["", "2"], [], ["3", "4", "5"]]
Get = Callable[..., requests.Response]


@pytest.fixture
def get(stand_ins: StandIns, stand_ins_sandbox: Sandbox) -> Get:
    """Ask for something of the spreadsheet `book`."""
    write_sheets(stand_ins_sandbox.upstreams / "sheets_book.json", {"gifts": GRID, "Ann's notes": [[""]]})
    base = f"{stand_ins.url}/sheets/v4/spreadsheets/book"
    return lambda path="", **query: requests.get(base + path, params=query, timeout=10)


def test_a_spreadsheet_has_titles_and_a_locale(get: Get) -> None:
    body = get().json()
    assert body["properties"] == {"title": "Grants", "locale": "en_US", "timeZone": "Etc/UTC"}
    assert [sheet["properties"]["title"] for sheet in body["sheets"]] == ["gifts", "Ann's notes"]
    assert [sheet["properties"]["index"] for sheet in body["sheets"]] == [0, 1]


@pytest.mark.parametrize(
    ("range_", "values"),
    [
        ("gifts", RAGGED),
        ("'gifts'", RAGGED),
        ("gifts!A1:B2", [["a", "b"], ["1"]]),
        ("gifts!B2:C3", [[], ["2"]]),
        ("gifts!C:C", [["c"], [], [], [], ["5"]]),
        ("gifts!A5", [["3", "4", "5"]]),
    ],
)
def test_values_are_ragged(get: Get, range_: str, values: list[list[str]]) -> None:
    body = get(f"/values/{range_}").json()
    assert body["values"] == values
    assert body["majorDimension"] == "ROWS"


def test_an_empty_range_has_no_values(get: Get) -> None:
    body = get("/values/'Ann''s notes'").json()
    assert body == {"range": "'Ann''s notes'!A1:Z1000", "majorDimension": "ROWS"}


def test_several_ranges_at_once(get: Get) -> None:
    body = get("/values:batchGet", ranges=["gifts!A1:A2", "'Ann''s notes'"]).json()
    assert body["spreadsheetId"] == "book"
    assert [found.get("values") for found in body["valueRanges"]] == [[["a"], ["1"]], None]


@pytest.mark.parametrize("range_", ["other", "gifts!1A", "'gifts"])
def test_what_is_no_range_is_a_400(get: Get, range_: str) -> None:
    answer = get(f"/values/{range_}")
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": 400,
        "message": f"Unable to parse range: {range_}",
        "status": "INVALID_ARGUMENT",
    }


def test_another_spreadsheet_is_a_404(get: Get, stand_ins: StandIns) -> None:
    answer = requests.get(f"{stand_ins.url}/sheets/v4/spreadsheets/other", timeout=10)
    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("fault", "first_rows"),
    [
        ("drop_column", [["b", "c"], []]),
        ("repeat_header", [["a", "a", "c"], ["1"]]),
        ("merge_header", [["a", "", "c"], ["1"]]),
        ("header_formula", [["#REF!", "b", "c"], ["1"]]),
        ("formula_column", [["a", "b", "c"], ["#REF!"]]),
        ("header_only", [["a", "b", "c"]]),
        ("extra_column", [["remarks", "a", "b", "c"], ["seen", "1"]]),
        ("empty_rows", [["a", "b", "c"], []]),
    ],
)
def test_faults(get: Get, stand_ins: StandIns, fault: str, first_rows: list[list[str]]) -> None:
    stand_ins.set("sheets", fault=fault, tab="gifts")
    values: list[Any] = get("/values/gifts").json()["values"]
    assert values[:2] == first_rows


def test_a_renamed_tab_is_not_found_by_its_old_name(get: Get, stand_ins: StandIns) -> None:
    stand_ins.set("sheets", fault="rename_tab", tab="gifts")
    assert get("/values/gifts").status_code == 400
    assert get("/values/Copy of gifts").json()["values"] == RAGGED


def test_an_unknown_setting_is_refused(stand_ins: StandIns) -> None:
    with pytest.raises(BadTrouble, match="sheets has no setting faults; known: fault, tab, locale"):
        stand_ins.set("sheets", faults="x")
