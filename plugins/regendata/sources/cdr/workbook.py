"""Cells of one sheet of an .xlsx file: text and numbers, as much of the format as a table of values needs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree

from regendata.exceptions import ContentRefused

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_COLUMN = re.compile(r"[A-Z]+")
#: A part of a workbook that unpacks to more is no table that people keep.
_MOST_BYTES = 64 << 20

Grid = list[list[str]]


def read_sheet_cells(content: bytes, title: str) -> Grid:
    """Rows of a sheet as text, all of one length.

    :raises ContentRefused: no workbook, or no sheet of that title.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            strings = _strings(book)
            sheet = ElementTree.fromstring(_part(book, _sheet_path(book, title)))
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError) as error:
        raise ContentRefused(f"not a workbook in the format .xlsx: {error}") from error
    rows = [_row(row, strings) for row in sheet.iter(f"{_MAIN}row")]
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    if book.getinfo(name).file_size > _MOST_BYTES:
        raise ContentRefused(f"{name} of the workbook unpacks to more than {_MOST_BYTES >> 20} MB")
    content = book.read(name)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ContentRefused(f"{name} of the workbook defines entities")
    return content


def _sheet_path(book: zipfile.ZipFile, title: str) -> str:
    workbook = ElementTree.fromstring(_part(book, "xl/workbook.xml"))
    ids = {sheet.get("name"): sheet.get(_RELATION) for sheet in workbook.iter(f"{_MAIN}sheet")}
    if title not in ids:
        raise ContentRefused(f"the workbook has no sheet {title}; its sheets: {', '.join(map(str, ids))}")
    relations = ElementTree.fromstring(_part(book, "xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    target = targets[ids[title]]
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _strings(book: zipfile.ZipFile) -> list[str]:
    """Texts that cells refer to by number."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    table = ElementTree.fromstring(_part(book, "xl/sharedStrings.xml"))
    return ["".join(part.text or "" for part in item.iter(f"{_MAIN}t")) for item in table]


def _row(row: ElementTree.Element, strings: list[str]) -> list[str]:
    cells: list[str] = []
    for place, cell in enumerate(row.iter(f"{_MAIN}c")):
        named = _COLUMN.match(cell.get("r") or "")
        column = _number(named[0]) if named else place
        cells += [""] * (column - len(cells))
        cells.append("".join(_text(cell, strings)).strip())
    return cells


def _text(cell: ElementTree.Element, strings: list[str]) -> Iterator[str]:
    value = cell.findtext(f"{_MAIN}v")
    if cell.get("t") == "inlineStr":
        yield from (part.text or "" for part in cell.iter(f"{_MAIN}t"))
    elif value is not None:
        yield strings[int(value)] if cell.get("t") == "s" else value


def _number(letters: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
