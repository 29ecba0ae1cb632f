"""Sheets that people keep by hand: what each must look like, and its cells as typed rows.

A new sheet is one entry in :data:`SHEETS` and one table file. The header stands in row 1; the order of
columns is free, columns that nobody asked for are left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regendata.exceptions import ContentRefused
from regendata.models.relation import Relation
from regendata.sources import cells
from regendata.sources.cells import Cleaner, Locale, Unreadable
from regendata.sources.rows import BadCell

#: Airflow connection; its extra ``spreadsheets`` maps the names of workbooks below to spreadsheet ids.
CONN_ID = "google_sheets"
GRANTS_WORKBOOK = "grants"
_SHOWN_CELLS = 5

Row = tuple[object, ...]


@dataclass(frozen=True)
class SheetColumn:
    """A column by its header: how cells are read, and whether they may be empty."""

    name: str
    clean: Cleaner = cells.text
    required: bool = True


@dataclass(frozen=True)
class Sheet:
    """The contract of one sheet.

    :param title: the tab's title.
    :param columns: as in the table, in its order.
    :param key: columns that name a row; a second row with the same is left out.
    :param min_rows: fewest good rows.
    :param most_bad_share: largest part of the rows that may be left out, 0 to 1.
    """

    title: str
    table: Relation
    columns: tuple[SheetColumn, ...]
    key: tuple[str, ...] = ()
    min_rows: int = 1
    most_bad_share: float = 0.05
    workbook: str = GRANTS_WORKBOOK

    @property
    def source(self) -> str:
        """Name in the meta tables."""
        return f"sheets/{self.title}"


@dataclass(frozen=True)
class SheetRows:
    """What a sheet holds: rows in the table's order, cells that keep a row out, columns nobody asked for."""

    rows: list[Row]
    bad: list[BadCell]
    extra_columns: tuple[str, ...]


SHEETS = {
    sheet.title: sheet
    for sheet in (
        Sheet(
            title="program_round_labels",
            table=Relation("public", "program_round_labels"),
            columns=(
                SheetColumn("round_number", cells.first_digits, required=False),
                SheetColumn("program"),
                SheetColumn("type", required=False),
                SheetColumn("chain_name", required=False),
                SheetColumn("chain_id", cells.whole_number),
                SheetColumn("round_id", cells.lower_text),
                SheetColumn("matching_pool", cells.number, required=False),
            ),
            key=("program", "chain_id", "round_id"),
            # A round typed twice harms nobody, and early sheets are short.
            most_bad_share=0.1,
        ),
        Sheet(
            title="AlloRoundsOutsideIndexer",
            table=Relation("public", "AlloRoundsOutsideIndexer"),
            columns=(
                SheetColumn("timestamp", cells.moment),
                SheetColumn("amount_in_usd", cells.number),
                SheetColumn("desc", required=False),
                SheetColumn("network_name", required=False),
                SheetColumn("strategy_name", required=False),
            ),
        ),
        Sheet(
            title="manual_project_links",
            table=Relation("public", "manual_project_links"),
            columns=(SheetColumn("project_id_1"), SheetColumn("project_id_2")),
            key=("project_id_1", "project_id_2"),
        ),
    )
}


def read_sheet(sheet: Sheet, values: Sequence[Sequence[object]], locale: Locale) -> SheetRows:
    """Cells as typed rows; ``values`` may be ragged, as the API leaves trailing empty cells away.

    :raises ContentRefused: an empty sheet, or a header that is not what the contract says.
    """
    grid = _padded(values)
    if not any(any(row) for row in grid[1:]):
        raise ContentRefused(f"sheet {sheet.title}: {_nothing_in(grid)}; the last rows stay in use")
    places = _places(sheet, grid)
    rows: list[Row] = []
    bad: list[BadCell] = []
    seen: dict[Row, int] = {}
    for number, cells_of_row in enumerate(grid[1:], start=2):
        if any(cells_of_row):
            read = _read_row(sheet, number, [cells_of_row[place] for place in places], locale, seen)
            bad.append(read) if isinstance(read, BadCell) else rows.append(read)
    wanted = {column.name for column in sheet.columns}
    return SheetRows(rows, bad, tuple(name for name in grid[0] if name and name not in wanted))


def refuse_bad_rows(sheet: Sheet, found: SheetRows) -> None:
    """Stop when too many rows had to be left out, or too few are left.

    :raises ContentRefused: with row, column and reason of the first ones.
    """
    total = len(found.rows) + len(found.bad)
    shown = "; ".join(map(str, found.bad[:_SHOWN_CELLS]))
    if len(found.bad) > total * sheet.most_bad_share:
        raise ContentRefused(
            f"sheet {sheet.title}: {len(found.bad)} of {total} rows are bad, more than "
            f"{sheet.most_bad_share:.0%}: {shown}. All are in meta.quarantine; the last rows stay in use"
        )
    if len(found.rows) < sheet.min_rows:
        raise ContentRefused(
            f"sheet {sheet.title}: {len(found.rows)} good rows, at least {sheet.min_rows} are expected; "
            "the last rows stay in use"
        )


def _padded(values: Sequence[Sequence[object]]) -> list[list[str]]:
    """Every row as long as the longest, cells as stripped text."""
    width = max((len(row) for row in values), default=0)
    return [[str(cell).strip() for cell in row] + [""] * (width - len(row)) for row in values]


def _nothing_in(grid: list[list[str]]) -> str:
    return "has a header, but no rows" if grid and any(grid[0]) else "is empty"


def _places(sheet: Sheet, grid: list[list[str]]) -> list[int]:
    """Where each column of the contract stands.

    :raises ContentRefused: see :func:`_header_faults`.
    """
    header = grid[0]
    faults = list(_header_faults(sheet, grid))
    if faults:
        raise ContentRefused(
            f"sheet {sheet.title}, row 1 (header): {'; '.join(faults)}. The last rows stay in use"
        )
    return [header.index(column.name) for column in sheet.columns]


def _header_faults(sheet: Sheet, grid: list[list[str]]) -> Iterator[str]:
    """Formula errors, empty cells above values (as merging cells leaves them), repeats, missing columns."""
    header = grid[0]
    for place, name in enumerate(header):
        if cells.is_formula_error(name):
            yield f"cell {_letters(place)}1 is the formula error {name}"
        elif not name:
            below = next((number for number, row in enumerate(grid[1:], start=2) if row[place]), None)
            if below is not None:
                yield f"cell {_letters(place)}1 is empty (merged?), but {_letters(place)}{below} has a value"
    for name, count in Counter(filter(None, header)).items():
        if count > 1:
            where = [_letters(place) for place, other in enumerate(header) if other == name]
            yield f"{name} stands {count} times, in columns {', '.join(where)}"
    missing = [column.name for column in sheet.columns if column.name not in header]
    if missing:
        yield f"no column {', '.join(missing)} among {', '.join(filter(None, header)) or 'none'}"


def _read_row(
    sheet: Sheet, number: int, row: Sequence[str], locale: Locale, seen: dict[Row, int]
) -> Row | BadCell:
    values: list[object] = []
    for column, cell in zip(sheet.columns, row, strict=True):
        try:
            values.append(_read_cell(column, cell, locale))
        except Unreadable as error:
            return BadCell(number, column.name, cell, str(error))
    by_name = dict(zip((column.name for column in sheet.columns), values, strict=True))
    key = tuple(by_name[name] for name in sheet.key)
    first = seen.setdefault(key, number) if key else number
    if first != number:
        return BadCell(number, ", ".join(sheet.key), ", ".join(map(str, key)), f"repeats row {first}")
    return tuple(values)


def _read_cell(column: SheetColumn, cell: str, locale: Locale) -> object:
    if cells.is_formula_error(cell):
        raise Unreadable("is a formula error")
    if cell:
        return column.clean(cell, locale)
    if column.required:
        raise Unreadable("is empty")
    return None


def _letters(place: int) -> str:
    """Letters of a column as the sheet shows them, from 0: A, ..., Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
