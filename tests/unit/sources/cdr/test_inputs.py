"""Files of an operator, and the total on cdr.fyi's front page."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from regendata.exceptions import ContentRefused
from regendata.sources.cdr.dollars import DollarsSpentNotFound, read_dollars_spent
from regendata.sources.cdr.inputs import (
    CARBON_PRICING,
    CCN_COMPANIES,
    WORKBOOK_SHEET,
    carbon_pricing,
    last_pricing_year,
    read_input,
)
from regendata.sources.cdr.workbook import read_sheet_cells
from sandbox.generator.cdr_market import pricing_rows
from sandbox.generator.workbook import write_workbook

PAGE = (
    '<h3 class="text-primary">1,234</h3><p>tons</p><h3 class="a text-primary b">{}</h3>\n'
    "<div><p>spent on <b>CO<sub>2</sub></b> removal</p></div>"
)


@pytest.fixture
def workbook(tmp_path: Path) -> bytes:
    path = tmp_path / "book.xlsx"
    write_workbook(path, WORKBOOK_SHEET, list(pricing_rows()))
    return path.read_bytes()


def test_companies_per_year() -> None:
    found = read_input(CCN_COMPANIES, '\ufeffcompanies,year,notes\n12,2015,x\n"1,200",2016,\n'.encode())
    assert found.rows == [(2015, 12), (2016, 1200)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"year,companies\n", "no rows"),
        (b"year\n2015\n", "no column companies"),
        (b"year,companies\n2015,twelve\n", "row 2, companies: 'twelve'"),
        (b"year,companies\n15,12\n", "row 2, year: '15' is no year"),
        (b"year,companies\n2015,1\n2015,2\n", "repeats row 2"),
        (b"\xff\xfe\x00", "neither a workbook .* nor a CSV"),
    ],
)
def test_a_file_of_companies_that_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ContentRefused, match=message):
        read_input(CCN_COMPANIES, content)


def test_the_workbook_and_its_csv_export_say_the_same(workbook: bytes) -> None:
    exported = "".join(",".join(map(str, row)) + "\n" for row in pricing_rows())
    from_book, from_csv = read_input(CARBON_PRICING, workbook), read_input(CARBON_PRICING, exported.encode())
    assert from_book.rows == from_csv.rows
    assert len(from_book.rows) == 25


def test_a_workbook_that_is_refused(workbook: bytes, tmp_path: Path) -> None:
    with pytest.raises(ContentRefused, match="no sheet Other; its sheets: Cover, Compliance_Gen Info"):
        read_sheet_cells(workbook, "Other")
    with pytest.raises(ContentRefused, match="not a workbook"):
        read_sheet_cells(b"PK\x03\x04 and then nothing", WORKBOOK_SHEET)
    bomb = tmp_path / "entities.xlsx"
    with zipfile.ZipFile(bomb, "w") as book:
        book.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook>&a;</workbook>')
    with pytest.raises(ContentRefused, match="defines entities"):
        read_sheet_cells(bomb.read_bytes(), WORKBOOK_SHEET)


def test_carbon_pricing_counts_national_instruments_in_force() -> None:
    def one(kind: str, status: str | None, share: str | None) -> dict[str, object]:
        return {"type": kind, "status": status, "share": None if share is None else Decimal(share)}

    instruments = [
        one("Carbon tax", "Implemented in 1992", "0.001"),
        one("ETS", "Implemented in 2012", "0.02"),
        one("ETS", "Implemented in 2012", None),
        one("Subnational ETS", "Implemented in 2011", "0.5"),
        one("Carbon tax", "Implemented in 2010. Abolished in 2014", "0.5"),
        one("ETS", "Under development", "0.5"),
        one("ETS", None, "0.5"),
    ]
    assert last_pricing_year(instruments) == 2012
    assert carbon_pricing(instruments, 2012) == [
        (2010, 1, Decimal("0.1")),
        (2011, 1, Decimal("0.1")),
        (2012, 3, Decimal("2.1")),
    ]


@pytest.mark.parametrize(
    ("shown", "value"), [("$1,234,567", "1234567"), (" $10,000.50 ", "10000.50"), ("$7", "7")]
)
def test_the_total_before_its_caption(shown: str, value: str) -> None:
    assert read_dollars_spent(PAGE.format(shown)) == Decimal(value)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("", "0 headings"),
        ("<h1>It works!</h1>", "0 headings"),
        (PAGE.replace("spent on", "saved by").format("$1"), "0 headings"),
        (PAGE.replace("h3", "h2").format("$1"), "0 headings"),
        (PAGE.format("$1") * 2, "2 headings"),
        (PAGE.format("$1.2B"), "the total reads"),
        (PAGE.format("$12,34"), "the total reads"),
        (PAGE.format("$0"), "the total reads"),
        (PAGE.format("…"), "the total reads"),
    ],
)
def test_a_page_that_changed_fails_by_name(page: str, message: str) -> None:
    with pytest.raises(DollarsSpentNotFound, match=message):
        read_dollars_spent(page)
