"""JSON taken apart column by column: whoever wrote the file, whatever a line says, whatever its size."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata import paths
from regendata.landing.columns import Tally, csv_of_good_rows, parquet_rows, text_lines
from regendata.sources.passport import SCORES, STAMPS, JsonFile
from sandbox.generator.passport import SCHEMA, write_scores

MB = 1 << 20
MOST_MEMORY = 512 * MB
ROWS = 12_000
#: What a task does with the file, Airflow imported as in a task; prints rows, bad rows and peak bytes. The
#: peak is the kernel's for this program: that of getrusage counts the tests it was started from as well.
CHILD = """
import re, sys
from pathlib import Path
import regendata.landing.passport
from regendata.landing.columns import Tally, csv_of_good_rows, parquet_rows
from regendata.sources.passport import SCORES
tally = Tally()
rows = parquet_rows(Path(sys.argv[1]), SCORES.read)
for piece in csv_of_good_rows(SCORES, rows, ["address"], tally):
    pass
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(tally.rows, tally.bad, 1024 * int(peak[1]))
"""


def columns(file: JsonFile) -> list[str]:
    return [one.column for one in (*file.beside, *file.fields)]


def scores(path: Path) -> tuple[list[dict[str, str]], Tally]:
    """Good rows of a Parquet file by column; an empty cell is empty or NULL."""
    tally, names = Tally(), columns(SCORES)
    data = b"".join(csv_of_good_rows(SCORES, parquet_rows(path, SCORES.read), names, tally))
    return list(csv.DictReader(io.StringIO(data.decode()), names)), tally


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    path = tmp_path_factory.mktemp("scores") / "scores.parquet"
    write_scores(path, ROWS)
    return pq.read_table(path)


WRITERS: dict[str, Mapping[str, Any]] = {
    # Its dictionary of values is full after a megabyte: the rest of the chunk is written plain.
    "defaults": {},
    "no dictionary": {"use_dictionary": False},
    "new pages": {"data_page_version": "2.0", "compression": "zstd"},
    "old format": {"version": "1.0", "compression": "gzip"},
    "many row groups": {"row_group_size": 777},
    "small pages": {"data_page_size": 2_000},
}


@pytest.mark.parametrize("writer", WRITERS)
def test_no_value_is_lost_whoever_wrote_it(writer: str, table: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    pq.write_table(table, path, **WRITERS[writer])
    _compare(path, table)


def test_no_value_is_lost_in_what_duckdb_wrote(table: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    with duckdb.connect() as connection:
        connection.register("given", table)
        connection.execute(f"COPY given TO '{path}' (FORMAT parquet)")
    _compare(path, table)


@pytest.mark.parametrize("kind", ["large_string", "dictionary"])
def test_other_types_of_text_are_text(kind: str, table: pa.Table, tmp_path: Path) -> None:
    text = pa.large_string() if kind == "large_string" else pa.dictionary(pa.int32(), pa.string())
    types = [text if field.type == pa.string() else field.type for field in SCHEMA]
    path = tmp_path / "scores.parquet"
    pq.write_table(table.cast(pa.schema(list(zip(SCHEMA.names, types, strict=True)))), path)
    _compare(path, table)


def _compare(path: Path, table: pa.Table) -> None:
    rows, tally = scores(path)
    assert (tally.rows, tally.bad) == (ROWS, 1)
    found = {int(row["id"]): row for row in rows}
    for given_row in table.to_pylist():
        row = found.get(given_row["id"])
        if row is None:
            assert given_row["key_1"] == "vitalik.eth"
            continue
        data = json.loads(given_row["value"])["data"]
        assert float(row["data_human_probability"]) == data["human_probability"]
        assert row["data_first_funder"] == (data.get("first_funder") or "")
        assert row["data_meta_version"] == data["meta"]["version"]
        assert (row["model"], row["address"]) == (given_row["key_0"], given_row["key_1"].lower())


REAL_DATA = Path(os.environ.get("REGENDATA_REAL_DATA") or paths.REPOSITORY.parent / "shared" / "data")
needs_data = pytest.mark.skipif(
    not (REAL_DATA / "grants").is_dir(), reason=f"no real data at {REAL_DATA}; set REGENDATA_REAL_DATA"
)


@needs_data
def test_real_scores_come_out_whole() -> None:
    path = REAL_DATA / "grants" / "model_scores_gg22_shape.parquet"
    rows, tally = scores(path)
    assert (tally.rows, tally.bad, len(tally.kinds)) == (20_862, 0, 6)
    wanted = {str(row["id"]): json.loads(row["value"])["data"] for row in pq.read_table(path).to_pylist()}
    found = {row["id"]: float(row["data_human_probability"]) for row in rows}
    assert found == {number: data["human_probability"] for number, data in wanted.items()}


@needs_data
def test_real_stamps_come_out_whole() -> None:
    path = REAL_DATA / "grants" / "registry_score_sample.jsonl"
    rows, tally = stamps(path.read_text(encoding="utf-8").splitlines())
    assert (len(rows), tally.bad) == (40, 0)
    # Raw score and threshold are missing where there is no evidence.
    assert sum(row[5] == "" for row in rows) == 2


LINE = {
    "passport": {"address": "0x" + "Ab" * 20, "community": 2},
    "score": "0E-9",
    "last_score_timestamp": "2023-07-25T20:00:18.579Z",
    "evidence": {"rawScore": "17.178"},
    "id": 1,
}
ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)
LINES = st.text() | st.builds(
    lambda key, value: json.dumps({**LINE, key: value}), st.sampled_from(list(LINE)), ODD
)


def stamps(lines: list[str]) -> tuple[list[list[str]], Tally]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "stamps.jsonl"
        path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
        tally = Tally()
        read = text_lines(path, *STAMPS.read)
        data = b"".join(csv_of_good_rows(STAMPS, read, columns(STAMPS), tally))
    return list(csv.reader(io.StringIO(data.decode(), newline=""))), tally


@settings(max_examples=25, deadline=None)
@given(st.lists(LINES, max_size=6))
def test_every_line_is_a_row_or_named_by_its_number(lines: list[str]) -> None:
    rows, tally = stamps([*lines, json.dumps(LINE)])
    written = "\n".join([*lines, json.dumps(LINE)]).split("\n")
    filled = [number for number, line in enumerate(written, start=1) if line.strip()]
    assert tally.rows == len(filled)
    assert len(rows) + tally.bad == len(filled)
    assert {cell.row for cell in tally.kept} <= set(filled)
    assert all(cell.reason for cell in tally.kept)
    assert "0x" + "ab" * 20 in {row[2] for row in rows}


def test_bad_bytes_are_one_bad_line() -> None:
    rows, tally = stamps([json.dumps(LINE), "\ud800", json.dumps(LINE)])
    assert len(rows) == 2
    assert [(cell.row, cell.reason) for cell in tally.kept] == [(2, "is no JSON object")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of one program")
def test_a_row_group_of_a_gigabyte_takes_half_of_that(tmp_path: Path) -> None:
    """Measured, not enforced: allocators reserve far more addresses than they ever use."""
    path = tmp_path / "model_scores.parquet"
    _write_gigabyte(path)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)],
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    rows, bad, peak = map(int, done.stdout.split()[-3:])
    assert (rows, bad) == (1_000_000, 0)
    assert peak < MOST_MEMORY, f"{peak / MB:.0f} MB"


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(paths.REPOSITORY / "plugins")}


def _write_gigabyte(path: Path) -> None:
    """One row group of a million rows, more than a gigabyte of JSON once it is unpacked."""
    write_scores(path, 400)
    small = pq.read_table(path)
    padded = [f'{value[:-1]}, "note": "{number:0>900}"}}' for number, value in enumerate(_texts(small))]
    part = pa.concat_tables([small.set_column(0, "value", pa.array(padded))] * 50)
    pq.write_table(pa.concat_tables([part] * 50), path, row_group_size=1_000_000, use_dictionary=False)
    found = pq.ParquetFile(path)
    assert found.num_row_groups == 1
    assert found.metadata.row_group(0).total_byte_size > 1_000 * MB


def _texts(table: pa.Table) -> list[str]:
    texts: list[str] = table["value"].to_pylist()
    return texts
