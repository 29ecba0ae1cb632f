"""Grids as the API answers them, read by contract."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.exceptions import ContentRefused
from regendata.models.relation import Relation
from regendata.sources import cells
from regendata.sources.rows import BadCell
from regendata.sources.sheets import Sheet, SheetColumn, read_sheet, refuse_bad_rows

US = cells.LOCALES["en_US"]
SHEET = Sheet(
    title="gifts",
    table=Relation("public", "gifts"),
    columns=(
        SheetColumn("id", cells.whole_number),
        SheetColumn("giver", cells.lower_text),
        SheetColumn("usd", cells.number, required=False),
    ),
    key=("id",),
    min_rows=2,
    most_bad_share=0.5,
)
HEADER = ["id", "giver", "usd"]


def read(*grid: Sequence[object]) -> list[tuple[object, ...]]:
    return read_sheet(SHEET, grid, US).rows


def test_rows_are_padded_to_the_header() -> None:
    assert read(HEADER, ["1", "Ann"], ["2", "Bob", "$3"]) == [(1, "ann", None), (2, "bob", 3.0)]


def test_columns_may_stand_in_any_order_beside_others() -> None:
    found = read_sheet(SHEET, [["note", " usd ", "giver", "id"], ["x", "1", "Ann", "7"]], US)
    assert found.rows == [(7, "ann", 1.0)]
    assert found.extra_columns == ("note",)


def test_an_empty_header_cell_over_nothing_is_no_fault() -> None:
    assert read([*HEADER, "", ""], ["1", "Ann", "", "", ""]) == [(1, "ann", None)]


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ([], "sheet gifts: is empty"),
        ([[]], "sheet gifts: is empty"),
        ([HEADER], "has a header, but no rows"),
        ([HEADER, ["", " "]], "has a header, but no rows"),
        ([["id", "usd"], ["1"]], r"row 1 \(header\): no column giver among id, usd"),
        ([["id", "usd", "giver", "id"], ["1"]], "id stands 2 times, in columns A, D"),
        (
            [["id", "", "giver", "usd"], ["1"], ["2", "x"]],
            r"cell B1 is empty \(merged\?\), but B3 has a value",
        ),
        ([HEADER, ["1", "Ann", "2", "tail"]], r"cell D1 is empty \(merged\?\), but D2 has a value"),
        ([["id", "giver", "#N/A"], ["1"]], "cell C1 is the formula error #N/A; no column usd"),
    ],
)
def test_a_fault_of_the_whole_sheet_is_named(grid: list[list[str]], message: str) -> None:
    with pytest.raises(ContentRefused, match=message):
        read_sheet(SHEET, grid, US)


def test_columns_beyond_z_have_two_letters() -> None:
    header = [*HEADER, *(f"c{number}" for number in range(24))]
    with pytest.raises(ContentRefused, match="cell AB1 is empty"):
        read_sheet(SHEET, [header, [*["1"] * 27, "x"]], US)


def test_bad_cells_are_named_as_people_see_them() -> None:
    found = read_sheet(
        SHEET, [HEADER, ["1", "Ann"], [], ["x", "Bob"], ["3"], ["4", "#REF!"], ["1", "Cy", "5"]], US
    )
    assert found.rows == [(1, "ann", None)]
    assert found.bad == [
        BadCell(4, "id", "x", "is no number (en_US)"),
        BadCell(5, "giver", "", "is empty"),
        BadCell(6, "giver", "#REF!", "is a formula error"),
        BadCell(7, "id", "1", "repeats row 2"),
    ]
    assert str(found.bad[0]) == "row 4, id: 'x' is no number (en_US)"


def test_too_many_bad_rows_stop_the_load() -> None:
    found = read_sheet(SHEET, [HEADER, ["1", "Ann"], ["x", "Bob"], ["y", "Cy"]], US)
    with pytest.raises(
        ContentRefused, match=r"2 of 3 rows are bad, more than 50%: row 3, id: 'x' is no number"
    ):
        refuse_bad_rows(SHEET, found)


def test_too_few_rows_stop_the_load() -> None:
    found = read_sheet(SHEET, [HEADER, ["1", "Ann"]], US)
    with pytest.raises(ContentRefused, match="1 good rows, at least 2 are expected"):
        refuse_bad_rows(SHEET, found)


def test_a_few_bad_rows_do_not() -> None:
    refuse_bad_rows(SHEET, read_sheet(SHEET, [HEADER, ["1", "Ann"], ["2", "Bob"], ["x", "Cy"]], US))


@given(
    st.lists(
        st.lists(st.text(max_size=5) | st.sampled_from(["1", "Ann", "$2", "#REF!"]), max_size=3), max_size=8
    )
)
def test_every_row_with_anything_in_it_is_good_or_named(rows: list[list[str]]) -> None:
    filled = [number for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    if not filled:
        with pytest.raises(ContentRefused):
            read_sheet(SHEET, [HEADER, *rows], US)
        return
    found = read_sheet(SHEET, [HEADER, *rows], US)
    assert len(found.rows) + len(found.bad) == len(filled)
    assert {cell.row for cell in found.bad} <= set(filled)
