"""What people do to a sheet, and ranges in A1 notation. A grid is rows of cells, the header first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Grid = list[list[str]]
Fault = Callable[[Grid], Grid]

_CELLS = re.compile(r"([A-Z]{1,3})?(\d+)?(?::([A-Z]{1,3})?(\d+)?)?")
_TITLE = re.compile(r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^!']+))(?:!(?P<cells>[A-Z0-9:]+))?")


def drop_column(grid: Grid) -> Grid:
    """Somebody deleted the first column."""
    return [row[1:] for row in grid]


def repeat_header(grid: Grid) -> Grid:
    """The second column has the name of the first."""
    return [[grid[0][0], grid[0][0], *grid[0][2:]], *grid[1:]]


def merge_header(grid: Grid) -> Grid:
    """The first two header cells were merged: the second is empty."""
    return [[grid[0][0], "", *grid[0][2:]], *grid[1:]]


def header_formula(grid: Grid) -> Grid:
    """A header cell is a formula whose sheet is gone."""
    return [["#REF!", *grid[0][1:]], *grid[1:]]


def formula_column(grid: Grid) -> Grid:
    """The first column is looked up in a sheet that is gone."""
    return [grid[0], *(["#REF!", *row[1:]] for row in grid[1:])]


def one_formula_error(grid: Grid) -> Grid:
    """One cell of the last row is such a formula."""
    return [*grid[:-1], ["#REF!", *grid[-1][1:]]]


def header_only(grid: Grid) -> Grid:
    """Somebody deleted all rows."""
    return grid[:1]


def nothing(_: Grid) -> Grid:
    """Somebody deleted everything."""
    return []


def extra_column(grid: Grid) -> Grid:
    """Somebody keeps notes at the left."""
    return [["remarks", *grid[0]], *(["seen", *row] for row in grid[1:])]


def empty_rows(grid: Grid) -> Grid:
    """Somebody spaced the rows out."""
    return [grid[0], *(line for row in grid[1:] for line in ([""] * len(row), row))]


FAULTS: Mapping[str, Fault] = {
    fault.__name__: fault
    for fault in (
        drop_column,
        repeat_header,
        merge_header,
        header_formula,
        formula_column,
        one_formula_error,
        header_only,
        nothing,
        extra_column,
        empty_rows,
    )
}


def split_range(text: str) -> tuple[str, str]:
    """Title and cells of a range; ValueError when it is none."""
    found = _TITLE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    title = found["quoted"].replace("''", "'") if found["quoted"] else found["plain"]
    return title, found["cells"] or ""


def cut(grid: Grid, cells: str) -> Grid:
    """The part of a grid that a range such as ``A1:C10`` names; ValueError when it is none."""
    found = _CELLS.fullmatch(cells)
    if found is None:
        raise ValueError(cells)
    first_column, first_row, last_column, last_row = found.groups()
    rows = slice(int(first_row or 1) - 1, int(last_row) if last_row else None)
    columns = slice(_place(first_column or "A"), _place(last_column) + 1 if last_column else None)
    return [row[columns] for row in grid[rows]]


def ragged(grid: Grid) -> Grid:
    """Without trailing empty cells and rows, as the API answers."""
    rows = [_trimmed(row) for row in grid]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _trimmed(row: list[str]) -> list[str]:
    length = max((place for place, cell in enumerate(row, start=1) if cell != ""), default=0)
    return row[:length]


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
