"""Rows of any kind as Parquet: values, order, row groups; the bytes depend on the rows alone."""

from __future__ import annotations

import math
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from regendata.exceptions import ContentRefused
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import exports
from regendata.models.relation import Relation
from regendata.publish.exports import parquet
from regendata.publish.exports.columns import ExportColumn, copy_statement
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres


def written(place: Relation, key: list[str], folder: Path) -> Any:
    """A table of the file that a relation becomes."""
    from pyarrow import parquet as pq

    path = folder / f"{place.name}.parquet"
    with connect() as conn:
        columns = exports.columns(conn, place)
        with exports.csv_rows(conn, copy_statement(place, columns, key), "1MB") as rows:
            done = parquet.write(rows, columns, path)
    table = pq.read_table(path)
    assert done.rows == table.num_rows
    return table


VALUES = """
CREATE TABLE public.strange AS SELECT * FROM (VALUES
  (1, NULL::text, NULL::double precision, NULL::real, NULL::numeric(78,0), NULL::timestamptz, NULL::jsonb,
    NULL::text[], NULL::boolean, NULL::date),
  (2, '', 'NaN', 'Infinity', 10::numeric ^ 77, '2024-02-29 23:59:59.123456+02', '{"b": [1], "a": null}',
    ARRAY['x,"y"', NULL], true, '1999-12-31'),
  (3, E'line\\n"quoted", \\\\N é🚀', 0.1 + 0.2::double precision, 1e-45, -1, '1970-01-01 00:00:00+00',
    '"text"', '{}', false, '2024-01-01')
) AS v (id, words, double, single, wei, at, facts, list, yes, day)
"""


def test_values_come_through_as_they_are(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.do(VALUES)
    empty, second, third = written(Relation("public", "strange"), ["id"], tmp_path).to_pylist()
    assert set(empty.values()) == {1, None}
    assert math.isnan(second.pop("double"))
    assert second == {
        "id": 2, "words": "", "single": math.inf, "wei": "1" + "0" * 77, "yes": True,
        "at": datetime(2024, 2, 29, 21, 59, 59, 123456, timezone.utc), "facts": '{"a": null, "b": [1]}',
        "list": '["x,\\"y\\"",null]', "day": date(1999, 12, 31),
    }  # fmt: skip
    assert third["words"] == 'line\n"quoted", \\N é🚀'
    assert third["double"] == 0.1 + 0.2
    assert third["single"] == pytest.approx(1e-45, rel=0.5)
    assert (third["wei"], third["list"], third["facts"]) == ("-1", "[]", '"text"')


def test_a_relation_without_a_key_is_sorted_by_all_columns_by_their_bytes(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.do("CREATE TABLE public.bag (x, y) AS VALUES ('b', 1), ('B', 2), ('a', 3), ('b', 0)")
    rows = written(Relation("public", "bag"), [], tmp_path).to_pylist()
    assert [tuple(row.values()) for row in rows] == [("B", 2), ("a", 3), ("b", 0), ("b", 1)]


def test_a_relation_without_rows_is_a_file_without_rows(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.do("CREATE TABLE public.nothing (id integer, words text)")
    table = written(Relation("public", "nothing"), ["id"], tmp_path)
    assert (table.num_rows, table.column_names) == (0, ["id", "words"])


@pytest.fixture
def little_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "UNIT_ROWS", 8)
    monkeypatch.setattr(parquet, "GROUP_ROWS", 24)


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 24, 25, 100])
def test_row_groups_hold_all_rows_in_order_and_never_more_than_allowed(
    little_units: None, rows: int, tmp_path: Path
) -> None:
    from pyarrow import parquet as pq

    columns = [ExportColumn("id", "integer"), ExportColumn("words", "text")]
    lines = [f'{number},"{"x" * (number % 9)}\n"\n'.encode() for number in range(rows)]
    done = parquet.write(lines, columns, tmp_path / "rows.parquet")
    file = pq.ParquetFile(tmp_path / "rows.parquet")
    sizes = [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)]
    assert (done.rows, sum(sizes), set(sizes[:-1]) <= {24}) == (rows, rows, True)
    assert file.read().to_pylist() == [
        {"id": number, "words": "x" * (number % 9) + "\n"} for number in range(rows)
    ]


def test_a_unit_ends_by_its_bytes_and_cuts_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "UNIT_BYTES", 10)
    assert list(parquet.units([b"1234\n", b"12\n", b"123\n", b"a much longer row\n", b"x\n"])) == [
        b"1234\n12\n123\n", b"a much longer row\n", b"x\n",
    ]  # fmt: skip


def test_a_wide_group_ends_by_its_bytes(little_units: None, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow as pa

    monkeypatch.setattr(parquet, "GROUP_BYTES", 5_000)
    tables = [pa.table({"text": ["x" * 1_000] * 3})] * 5
    assert [group.num_rows for group in parquet.row_groups(tables)] == [6, 6, 3]


def test_a_value_that_does_not_fit_names_its_column(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.do("CREATE TABLE public.late AS SELECT 'infinity'::timestamptz AS at")
    with pytest.raises(ContentRefused, match=r"late: .*infinity"):
        written(Relation("public", "late"), [], tmp_path)
