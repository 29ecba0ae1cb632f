"""Landing sheets over the wire: what people do to them has its own words, and yesterday's rows stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from regendata import settings
from regendata.exceptions import BadSourceAnswer, ContentRefused, RegendataError, SourceUnavailable
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing import sheets as landing
from regendata.models.project import load_project
from regendata.sources.sheets import SHEETS
from sandbox import env
from sandbox.generator import sheets as generated
from sandbox.layout import Sandbox
from sandbox.upstreams.server import StandIns
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
LABELS = SHEETS["program_round_labels"]
TABLE = "public.program_round_labels"
HEADER = ["program", "chain_id", "round_id", "type", "chain_name", "matching_pool", "round_number", "notes"]
ROWS = [
    [f"GG{number}", "42161", f"0xAB{number}", "community", "ARB", f"${number},000.50", f"GG{number}"]
    for number in range(10, 50)
]
Land = Callable[[], dict[str, Any]]


@pytest.fixture
def serve(stand_ins_sandbox: Sandbox, stand_ins: StandIns) -> Callable[..., None]:
    """Have the spreadsheet hold one tab with these rows below the header."""

    def write(*rows: list[str], title: str = LABELS.title) -> None:
        path = stand_ins_sandbox.upstreams / generated.FILE
        generated.write_sheets(path, {"read me": [["first tab"]], title: [HEADER, *rows]})

    return write


@pytest.fixture
def land(
    warehouse: Warehouse,
    serve: Callable[..., None],
    stand_ins_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Land:
    """Land the sheet of labels into the warehouse; yesterday it held ROWS."""
    monkeypatch.setenv("AIRFLOW_CONN_GOOGLE_SHEETS", _impatient(stand_ins_sandbox))
    project = load_project("grants_daily")
    with connect() as conn:
        ensure_meta(conn, project.tables)
    serve(*ROWS)
    landing.land(LABELS, project, "yesterday", settings.load())
    return lambda: landing.land(LABELS, project, "today", settings.load())


def _impatient(sandbox: Sandbox) -> str:
    connection = json.loads(env.connections(sandbox)["GOOGLE_SHEETS"])
    connection["extra"]["num_retries"] = 0
    return json.dumps(connection)


def quarantined(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        "SELECT row_number, column_name, value, reason, run_id FROM meta.quarantine ORDER BY row_number"
    )


def test_cells_come_out_typed(land: Land, warehouse: Warehouse) -> None:
    assert warehouse.rows(f"SELECT * FROM {TABLE} ORDER BY round_number LIMIT 1") == [
        (10, "GG10", "community", "ARB", 42161, "0xab10", 10000.5)
    ]
    assert warehouse.value(f"SELECT count(*) FROM {TABLE}") == 40


def test_the_same_rows_in_another_order_are_not_loaded_again(land: Land, serve: Callable[..., None]) -> None:
    serve(*reversed(ROWS))
    done = land()
    assert done["landed"] == {}
    assert done["unchanged"] == [TABLE]
    serve(*ROWS, ["GG50", "10", "0x50"])
    assert land()["landed"] == {TABLE: 41}


def test_each_load_leaves_a_row_of_history(
    land: Land, serve: Callable[..., None], warehouse: Warehouse
) -> None:
    land()
    serve(*ROWS[:-1])
    land()
    history = "SELECT row_count, row_change, source_at <= landed_at FROM meta.landing_history ORDER BY cut_id"
    assert warehouse.rows(history) == [(40, None, True), (39, -1, True)]
    states = warehouse.rows("SELECT state, snapshot_at IS NOT NULL FROM meta.cut ORDER BY cut_id")
    assert states == [("superseded", True), ("unchanged", True), ("current", True)]


def test_a_bad_row_is_left_out_and_found_again(
    land: Land, serve: Callable[..., None], warehouse: Warehouse
) -> None:
    rows = [*ROWS[:12], ["GG99", "Arbitrum", "0x99"], *ROWS[12:]]
    serve(*rows)
    done = land()
    assert done["quarantined"] == 1
    assert quarantined(warehouse) == [(14, "chain_id", "Arbitrum", "is no number (en_US)", "today")]
    serve(*ROWS)
    land()
    assert quarantined(warehouse) == []


def test_a_row_that_stands_twice_is_left_out(
    land: Land, serve: Callable[..., None], warehouse: Warehouse
) -> None:
    serve(*ROWS, ["GG10", "42161", "0xab10", "", "", "", "GG11"])
    assert land()["landed"] == {}
    key = "program, chain_id, round_id"
    assert quarantined(warehouse) == [(42, key, "GG10, 42161, 0xab10", "repeats row 2", "today")]


def test_extra_columns_and_blank_rows_are_no_trouble(land: Land, stand_ins: StandIns) -> None:
    stand_ins.set("sheets", fault="extra_column")
    done = land()
    assert done["extra_columns"] == ["remarks", "notes"]
    stand_ins.set("sheets", fault="empty_rows")
    assert land()["landed"] == {}


FAULTS = {
    "drop_column": "row 1 (header): no column program among chain_id, round_id",
    "repeat_header": "program stands 2 times, in columns A, B",
    "merge_header": "cell B1 is empty (merged?), but B2 has a value",
    "header_formula": "cell A1 is the formula error #REF!",
    "formula_column": "40 of 40 rows are bad, more than 10%: row 2, program: '#REF!' is a formula error; ",
    "header_only": "has a header, but no rows",
    "nothing": "sheet program_round_labels: is empty",
    "rename_tab": "spreadsheet Grants has no tab program_round_labels (renamed?); its tabs: read me, Copy of",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_yesterdays_rows_stay(
    fault: str, land: Land, stand_ins: StandIns, warehouse: Warehouse
) -> None:
    before = warehouse.rows(f"SELECT * FROM {TABLE} ORDER BY round_number")
    stand_ins.set("sheets", fault=fault, tab=LABELS.title)
    with pytest.raises(ContentRefused) as caught:
        land()
    assert FAULTS[fault] in str(caught.value)
    assert warehouse.rows(f"SELECT * FROM {TABLE} ORDER BY round_number") == before
    assert len(before) == 40
    assert warehouse.leftovers() == set()
    stand_ins.reset()
    assert land()["landed"] == {}


def test_the_rows_of_a_refused_sheet_are_in_quarantine(
    land: Land, stand_ins: StandIns, warehouse: Warehouse
) -> None:
    stand_ins.set("sheets", fault="formula_column")
    with pytest.raises(ContentRefused, match=r"All are in meta\.quarantine"):
        land()
    found = quarantined(warehouse)
    assert [row[0] for row in found] == list(range(2, 42))
    assert {row[1:4] for row in found} == {("program", "#REF!", "is a formula error")}


def test_one_formula_error_among_many_rows_is_one_row(
    land: Land, stand_ins: StandIns, warehouse: Warehouse
) -> None:
    stand_ins.set("sheets", fault="one_formula_error")
    assert land()["landed"] == {TABLE: 39}
    assert [row[:3] for row in quarantined(warehouse)] == [(41, "program", "#REF!")]


def test_another_locale_reads_the_same_text_otherwise(
    land: Land, stand_ins: StandIns, warehouse: Warehouse
) -> None:
    stand_ins.set("sheets", locale="de_DE")
    with pytest.raises(ContentRefused, match=r"row 2, matching_pool: '\$10,000\.50' is no number \(de_DE\)"):
        land()
    stand_ins.set("sheets", locale="tlh_KL")
    with pytest.raises(ContentRefused, match="locale is tlh_KL, known are en_US"):
        land()


TROUBLES: dict[str, tuple[dict[str, Any], type[RegendataError], str]] = {
    "no such spreadsheet": ({"status": 404}, SourceUnavailable, "workbook grants: HTTP 404 .*no spreadsheet"),
    "not shared": ({"status": 403}, SourceUnavailable, "HTTP 403 .*service account"),
    "quota": ({"status": 429}, SourceUnavailable, "HTTP 429 .*quota of reads"),
    "server error": ({"status": 500}, SourceUnavailable, "HTTP 500 Internal error"),
    "web page": ({"html": True}, BadSourceAnswer, "the answer is no spreadsheet"),
    "truncated": ({"truncate": True}, BadSourceAnswer, "the answer is no spreadsheet"),
    "bad range": (
        {"status": 400, "path": "*/values/*"},
        SourceUnavailable,
        "sheet program_round_labels of Grants: HTTP 400",
    ),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble_on_the_wire_is_named(
    name: str, land: Land, stand_ins: StandIns, warehouse: Warehouse
) -> None:
    how, kind, message = TROUBLES[name]
    stand_ins.trouble("sheets", **how)
    with pytest.raises(kind, match=f"Google Sheets, .*{message}"):
        land()
    assert warehouse.value(f"SELECT count(*) FROM {TABLE}") == 40


def test_no_cells_at_all_never_empty_a_table(land: Land, stand_ins: StandIns, warehouse: Warehouse) -> None:
    stand_ins.trouble("sheets", path="*/values/*", empty=True)
    with pytest.raises(ContentRefused, match="is empty"):
        land()
    assert warehouse.value(f"SELECT count(*) FROM {TABLE}") == 40


def test_every_generated_sheet_lands(
    warehouse: Warehouse,
    dune: StandIns,
    stand_ins_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_GOOGLE_SHEETS", _impatient(stand_ins_sandbox))
    project = load_project("grants_daily")
    with connect() as conn:
        ensure_meta(conn, project.tables)
    tabs = json.loads((stand_ins_sandbox.upstreams / generated.FILE).read_text())["tabs"]
    for title, sheet in SHEETS.items():
        done = landing.land(sheet, project, "test", settings.load())
        # One label is typed twice.
        repeated = int(title == LABELS.title)
        assert done["quarantined"] == repeated
        assert list(done["landed"].values()) == [len(tabs[title]) - 1 - repeated]
    assert warehouse.rows(
        'SELECT amount_in_usd, "desc", strategy_name FROM public."AlloRoundsOutsideIndexer" '
        "WHERE timestamp = '2024-05-01 00:00+00'"
    ) == [(250_000.0, "Retro funding", "EasyRetroFunding")]
