"""Archive files as the CSV that COPY reads, in the column order of their table."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regendata.exceptions import ArchiveChanged
from regendata.landing import archives
from regendata.landing.archives import read_archive
from tests.unit.builders import table

ROUNDS = table("public.rounds", id="TEXT", note="TEXT")


def _csv(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rounds.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def _parquet(tmp_path: Path, **columns: pa.Array) -> Path:
    path = tmp_path / "rounds.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def _read(path: Path, spec: object = ROUNDS) -> str:
    return b"".join(read_archive(path, spec)).decode()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("id,note\n1,a\n", '"1","a"\n'),
        ("note,extra,id\na,x,1\n", '"1","a"\n'),
        ("id,note\r\n1,\r\n,b\r\n", '"1",\n,"b"\n'),
        ('id,note\n1,"say ""hi"", you\nthere"\n', '"1","say ""hi"", you\nthere"\n'),
        ("id,note\n", ""),
    ],
)
def test_csv(tmp_path: Path, text: str, lines: str) -> None:
    assert _read(_csv(tmp_path, text)) == lines


@pytest.fixture
def usual_limit() -> Iterator[int]:
    """The csv module's own limit of a cell, which is one for the whole process."""
    before = csv.field_size_limit(131_072)
    yield 131_072
    csv.field_size_limit(before)


def test_csv_with_a_document_in_a_cell(tmp_path: Path, usual_limit: int) -> None:
    document = "x" * (usual_limit + 1)
    assert _read(_csv(tmp_path, f"id,note\n1,{document}\n")) == f'"1","{document}"\n'


def test_parquet_tells_null_from_empty(tmp_path: Path) -> None:
    path = _parquet(tmp_path, note=pa.array(["", None, 'a "b"\n, 💧']), id=pa.array(["1", "2", "3"]))
    assert _read(path) == '"1",""\n"2",\n"3","a ""b""\n, 💧"\n'


def test_parquet_types(tmp_path: Path) -> None:
    moment = datetime(2024, 9, 23, 12, 58, 53, 123000)
    path = _parquet(
        tmp_path,
        amount=pa.array(["340282366920938463463374607431768211456"]),
        usd=pa.array([0.1], pa.float32()),
        chain_id=pa.array([42161], pa.int32()),
        at=pa.array([moment.replace(tzinfo=timezone.utc)], pa.timestamp("us", tz="UTC")),
        created_on=pa.array([moment], pa.timestamp("us")),
        done=pa.array([True]),
    )
    spec = table(
        "public.x", chain_id="INT", usd="REAL", amount="DECIMAL", done="BOOLEAN", at="TZ", created_on="TS"
    )
    assert _read(path, spec).strip().split(",") == [
        "42161",
        "0.1",
        '"340282366920938463463374607431768211456"',
        "true",
        "2024-09-23 12:58:53.123000Z",
        "2024-09-23 12:58:53.123000",
    ]


def test_parquet_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_BATCH_ROWS", 2)
    numbers = [str(number) for number in range(5)]
    pieces = list(read_archive(_parquet(tmp_path, id=pa.array(numbers), note=pa.array(numbers)), ROUNDS))
    assert [piece.count(b"\n") for piece in pieces] == [2, 2, 1]
    assert b"".join(pieces).decode() == "".join(f'"{number}","{number}"\n' for number in numbers)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_missing_column_is_named(tmp_path: Path, ending: str) -> None:
    path = _csv(tmp_path, "id\n1\n") if ending == "csv" else _parquet(tmp_path, id=pa.array(["1"]))
    with pytest.raises(ArchiveChanged, match=rf"rounds\.{ending} has no column note for public\.rounds"):
        _read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id,note\n1,a\n2\n", r"rounds\.csv, row 2: 1 cells in place of 2"),
        (b"id,note\n1,a,b\n", r"rounds\.csv, row 1: 3 cells in place of 2"),
        (b"id,note,id\n1,a,2\n", r"rounds\.csv has the column id twice"),
        (b"id,note\n1,a\n2,M\xfcnster\n", r"rounds\.csv is not UTF-8 after line"),
    ],
)
def test_csv_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "rounds.csv"
    path.write_bytes(content)
    with pytest.raises(ArchiveChanged, match=message):
        _read(path)


def test_half_a_parquet_file_is_refused(tmp_path: Path) -> None:
    path = _parquet(tmp_path, id=pa.array(["1"]), note=pa.array(["a"]))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ArchiveChanged, match=r"rounds\.parquet is no whole Parquet file"):
        _read(path)
