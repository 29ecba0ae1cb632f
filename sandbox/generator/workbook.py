"""Writes a sheet as an .xlsx file, the way office programs do: texts in a table of their own."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Rows = Sequence[Sequence[str | float]]


def write_workbook(path: Path, title: str, rows: Rows) -> None:
    """One workbook with an empty first sheet and one of this title."""
    texts = {text: place for place, text in enumerate(dict.fromkeys(_texts(rows)))}
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Cover" sheetId="1" r:id="rId1"/>'
        f'<sheet name="{escape(title)}" sheetId="2" r:id="rId2"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Target="worksheets/sheet2.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": _sheet([], texts),
        "xl/worksheets/sheet2.xml": _sheet(rows, texts),
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">'
        + "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
        + "</sst>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            # A fixed time, so that equal rows make an equal file.
            book.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), _HEAD + content)


def _texts(rows: Rows) -> list[str]:
    return [cell for row in rows for cell in row if isinstance(cell, str)]


def _sheet(rows: Rows, texts: dict[str, int]) -> str:
    lines = [
        f'<row r="{number}">' + "".join(_cell(place, number, cell, texts) for place, cell in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, start=1)
    ]  # fmt: skip
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(place: int, number: int, cell: str | float, texts: dict[str, int]) -> str:
    where = f"{chr(ord('A') + place)}{number}"
    if isinstance(cell, str):
        return f'<c r="{where}" t="s"><v>{texts[cell]}</v></c>'
    return f'<c r="{where}"><v>{cell}</v></c>'
