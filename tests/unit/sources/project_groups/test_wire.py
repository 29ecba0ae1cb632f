"""CSV between the warehouse and Arrow keeps every value."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.sources.project_groups.wire import read_csv, read_parts, write_csv

HEADER = b"project_id,created_at,amount_in_usd,seniority\n"
TEXTS = st.one_of(st.none(), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))


def test_values_have_the_types_of_their_columns() -> None:
    found = read_csv(HEADER + b'"7","2023-04-12 09:46:00.5+00",1.5,3\n"",,,\n').to_pylist()
    moment = datetime(2023, 4, 12, 9, 46, 0, 500_000, tzinfo=timezone.utc)
    assert found == [
        {"project_id": "7", "created_at": moment, "amount_in_usd": 1.5, "seniority": 3},
        {"project_id": "", "created_at": None, "amount_in_usd": None, "seniority": None},
    ]


def test_null_and_empty_text_differ() -> None:
    assert read_csv(b'title,website\n,""\n').to_pylist() == [{"title": None, "website": ""}]


@given(st.lists(TEXTS, min_size=1))
@settings(max_examples=60, deadline=None)
def test_texts_come_back_as_they_were(texts: list[str | None]) -> None:
    rows = "".join("7," + ("" if one is None else '"' + one.replace('"', '""') + '"') + "\n" for one in texts)
    table = read_csv(b"project_id,title\n" + rows.encode())
    assert table["title"].to_pylist() == texts
    assert read_csv(b"project_id,title\n" + write_csv(table)).equals(table)


def test_a_row_may_be_long() -> None:
    title = "t" * 3_000_000
    assert read_csv(f'title\n"{title}"\n'.encode())["title"].to_pylist() == [title]


@pytest.mark.parametrize("parts", [[], [b"title,source\n"]])
def test_no_row_is_a_table_without_rows(parts: list[bytes]) -> None:
    found = read_parts(parts, ["source", "title"])
    assert (found.column_names, found.num_rows) == (["source", "title"], 0)


def test_parts_are_one_table_in_the_order_asked_for() -> None:
    parts = [b"title,source\nA,indexer\n", b"source,title\ncGrants,B\n"]
    found = read_parts(parts, ["source", "title"])
    assert [tuple(row.values()) for row in found.to_pylist()] == [("indexer", "A"), ("cGrants", "B")]
