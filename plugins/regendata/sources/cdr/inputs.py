"""Files that an operator supplies: companies per year (Circular Carbon Network), carbon pricing (World Bank).

Their contracts are those of sheets kept by hand. The World Bank's workbook is read as it is published (sheet
``Compliance_Gen Info``, a note above the header); a CSV export of that sheet is as good.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any

from regendata.exceptions import ContentRefused
from regendata.models.relation import Relation
from regendata.sources import cells
from regendata.sources.cdr.tables import SCHEMA
from regendata.sources.cdr.workbook import Grid, read_sheet_cells
from regendata.sources.cells import LOCALES, Locale, Unreadable
from regendata.sources.sheets import Sheet, SheetColumn, SheetRows, read_sheet, refuse_bad_rows

FIRST_PRICING_YEAR = 2010
WORKBOOK_SHEET = "Compliance_Gen Info"
_HEADER_WITHIN = 5
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_XLSX = b"PK\x03\x04"


def _year(cell: str, locale: Locale) -> int:
    year = cells.whole_number(cell, locale)
    if not 1900 <= year <= 2100:
        raise Unreadable("is no year")
    return year


def _share(cell: str, locale: Locale) -> Decimal:
    """A part of global emissions, 0 to 1; ``0.4%`` is 0.004. Some instruments have none yet."""
    if cell.lower() in {"-", "n/a", "na", "tbd"}:
        return Decimal(0)
    share = Decimal(str(cells.number(cell, locale)))
    if not 0 <= share <= 1:
        raise Unreadable("is no part of 1")
    return share


CCN_COMPANIES = Sheet(
    title="companies founded per year",
    table=Relation(SCHEMA, "ccn_companies"),
    columns=(SheetColumn("year", _year), SheetColumn("companies", cells.whole_number)),
    key=("year",),
    most_bad_share=0,
)
CARBON_PRICING = Sheet(
    title="carbon pricing instruments",
    table=Relation(SCHEMA, "carbon_pricing_instruments"),
    columns=(
        SheetColumn("Unique ID"),
        SheetColumn("Instrument name", required=False),
        SheetColumn("Type"),
        SheetColumn("Status", required=False),
        SheetColumn("Share of global emissions covered", _share, required=False),
    ),
    key=("Unique ID",),
    min_rows=10,
    most_bad_share=0.02,
)
INPUTS = {"ccn_companies": CCN_COMPANIES, "carbon_pricing": CARBON_PRICING}


def read_input(sheet: Sheet, content: bytes) -> SheetRows:
    """Rows of a supplied file.

    :raises ContentRefused: naming row, column and reason.
    """
    found = read_sheet(sheet, _below_notes(sheet, _grid(content)), LOCALES["en_US"])
    refuse_bad_rows(sheet, found)
    return found


def _grid(content: bytes) -> Grid:
    if content.startswith(_XLSX):
        return read_sheet_cells(content, WORKBOOK_SHEET)
    try:
        return list(csv.reader(StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ContentRefused(f"neither a workbook (.xlsx) nor a CSV file in UTF-8: {error}") from error


def _below_notes(sheet: Sheet, grid: Grid) -> Grid:
    """From the header on, which may stand below a few notes."""
    first = sheet.columns[0].name
    start = next((place for place, row in enumerate(grid[:_HEADER_WITHIN]) if first in row), 0)
    return grid[start:]


def carbon_pricing(instruments: Sequence[Mapping[str, Any]], last_year: int) -> list[tuple[object, ...]]:
    """Per year: national instruments in force, and the percentage of global emissions they cover.

    An instrument is in force from the year its status names; subnational ones and abolished ones never count.
    """
    started = [
        (year, instrument["share"] or Decimal(0))
        for instrument in instruments
        if (year := _in_force_since(instrument)) is not None
    ]
    return [
        (
            year,
            sum(since <= year for since, _ in started),
            sum((share for since, share in started if since <= year), Decimal(0)) * 100,
        )
        for year in range(FIRST_PRICING_YEAR, last_year + 1)
    ]


def _in_force_since(instrument: Mapping[str, Any]) -> int | None:
    status = instrument["status"] or ""
    national = "Subnational" not in instrument["type"]
    in_force = "Implemented" in status and "Abolished" not in status
    year = _YEAR.search(status)
    return int(year[0]) if national and in_force and year else None


def last_pricing_year(instruments: Sequence[Mapping[str, Any]]) -> int:
    """The newest year any instrument came into force in."""
    years = [year for one in instruments if (year := _in_force_since(one)) is not None]
    return max(years, default=FIRST_PRICING_YEAR)
