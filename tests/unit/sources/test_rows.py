"""Rows as CSV for COPY."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.sources.rows import as_csv, fingerprint


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (("a", "b"), '"a","b"\n'),
        ((None, ""), ',""\n'),
        (("", None), '"",\n'),
        ((None,), "\n"),
        (('say "hi"', "it's"), '"say ""hi""","it\'s"\n'),
        (("a,b", "two\nlines"), '"a,b","two\nlines"\n'),
        (("\\.", "\\N"), '"\\.","\\N"\n'),
        ((1, 2.5, True), '"1","2.5","True"\n'),
        (("Öko 💧",), '"Öko 💧"\n'),
    ],
)
def test_one_line_per_row(row: tuple[object, ...], line: str) -> None:
    assert b"".join(as_csv([row])) == line.encode()


CELLS = st.none() | st.text(st.sampled_from(""" ,;"'\\\r\n\t.Nü💧"""), max_size=6)
WIDTHS = st.integers(2, 4)


@given(WIDTHS.flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), max_size=5)))
def test_any_csv_reader_reads_it_back(rows: list[tuple[str | None, ...]]) -> None:
    text = b"".join(as_csv(rows)).decode()
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert read == [[cell or "" for cell in row] for row in rows]


@given(WIDTHS.flatmap(lambda width: st.tuples(*[CELLS] * width)))
def test_only_none_is_left_without_quotes(row: tuple[str | None, ...]) -> None:
    (line,) = as_csv([row])
    # Cells hold doubled quotes only, so an unquoted comma or end always parts two cells.
    outside = "".join(line.decode().replace('""', "").split('"')[::2])
    assert outside == "," * (len(row) - 1) + "\n"


def test_fingerprint_tells_rows_apart() -> None:
    rows = [("a", None), ("b", "1")]
    assert fingerprint(rows) == fingerprint(list(rows))
    others = [[("a", ""), ("b", "1")], rows[::-1], rows[:1], [("a", None), ("b", 1)], [("a", None, "b", "1")]]
    assert fingerprint(rows) not in {fingerprint(other) for other in others}
