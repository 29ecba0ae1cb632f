"""Rows with JSON text, taken apart column by column by DuckDB, a batch at a time whatever the size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regendata.exceptions import BadSourceAnswer
from regendata.sources.passport import INPUT, KIND, LINE, PROBLEM, PROBLEM_VALUE, ROW_NUMBER, JsonFile
from regendata.sources.rows import BadCell

if TYPE_CHECKING:
    import pyarrow

#: Two threads keep two cores busy with parsing. Each holds a few batches, so these decide the memory used.
_LIMITS: dict[str, str | bool | int | float | list[str]] = {"threads": 2, "memory_limit": "256MB"}
_BATCH_ROWS = 4_096
#: Pages of a column are read through a buffer of this size; a row group may be larger than memory.
_BUFFER_BYTES = 1 << 20
#: Longest line of a file of lines; longer ones are no JSON object of ours.
_LONGEST_LINE = 1 << 24
#: Bad rows kept word for word; the others are counted.
KEPT_BAD_ROWS = 1_000


@dataclass
class Tally:
    """What went by: rows in all, bad rows with the first of them, and the values of one column."""

    rows: int = 0
    bad: int = 0
    kept: list[BadCell] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)


def csv_of_good_rows(
    file: JsonFile, batches: pyarrow.RecordBatchReader, columns: Sequence[str], tally: Tally
) -> Iterator[memoryview]:
    """CSV with its cells in the order of ``columns``, one piece per batch; bad rows go into ``tally`` only.

    :raises BadSourceAnswer: the file breaks off or is damaged inside.
    """
    import pyarrow.compute as pc

    for batch in _queried(file.query(columns), file.source, batches):
        tally.rows += batch.num_rows
        bad = batch.num_rows - batch[PROBLEM].null_count
        if bad:
            tally.bad += bad
            _keep_bad(file, batch.filter(pc.is_valid(batch[PROBLEM])), tally)
        if file.kinds:
            tally.kinds.update(pc.unique(batch[KIND]).drop_null().to_pylist())
        yield _bytes_of(batch[LINE])


def _bytes_of(lines: pyarrow.StringArray) -> memoryview:
    """The texts one behind the other, as Arrow holds them: nothing is copied. NULL takes no room there."""
    _, offsets, data = lines.buffers()
    places = memoryview(offsets).cast("i")
    return memoryview(data or b"")[places[lines.offset] : places[lines.offset + len(lines)]]


def _queried(query: str, source: str, batches: pyarrow.RecordBatchReader) -> Iterator[pyarrow.RecordBatch]:
    import duckdb
    import pyarrow

    with duckdb.connect(config=_LIMITS) as connection:
        # Timestamps with a zone leave as UTC whatever the machine's own zone is.
        connection.execute("SET TimeZone = 'UTC'")
        connection.register(INPUT, batches)
        try:
            yield from connection.sql(query).to_arrow_reader(_BATCH_ROWS)
        except (duckdb.Error, pyarrow.ArrowException, OSError) as error:
            raise BadSourceAnswer(f"{source}: the file cannot be read to its end: {error}") from error


def _keep_bad(file: JsonFile, batch: pyarrow.RecordBatch, tally: Tally) -> None:
    room = KEPT_BAD_ROWS - len(tally.kept)
    for row in batch.slice(0, room).select([ROW_NUMBER, PROBLEM, PROBLEM_VALUE]).to_pylist():
        problem = file.problems[row[PROBLEM]]
        tally.kept.append(BadCell(row[ROW_NUMBER], problem.column, row[PROBLEM_VALUE], problem.reason))


def parquet_rows(path: Path, columns: Sequence[str]) -> pyarrow.RecordBatchReader:
    """These columns of a Parquet file, rows numbered from 1, never a whole row group at a time.

    :raises BadSourceAnswer: the file is no Parquet, or a column is missing.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES)
    except pyarrow.ArrowInvalid as error:
        raise BadSourceAnswer(f"{path.name} cannot be read as Parquet: {error}") from error
    missing = [name for name in columns if name not in file.schema_arrow.names]
    if missing:
        raise BadSourceAnswer(f"{path.name} has no column {', '.join(missing)}")
    given = [file.schema_arrow.field(name) for name in columns]
    schema = pyarrow.schema([(ROW_NUMBER, pyarrow.int64()), *((field.name, field.type) for field in given)])
    found = file.iter_batches(_BATCH_ROWS, columns=list(columns), use_threads=False)
    return pyarrow.RecordBatchReader.from_batches(schema, _numbered(found, schema))


def _numbered(batches: Iterator[Any], schema: pyarrow.Schema) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow

    first = 1
    for batch in batches:
        numbers = pyarrow.array(range(first, first + batch.num_rows), pyarrow.int64())
        arrays = [batch[name] for name in schema.names[1:]]
        yield pyarrow.record_batch([numbers, *arrays], schema=schema)
        first += batch.num_rows


def text_lines(path: Path, column: str) -> pyarrow.RecordBatchReader:
    """Lines of a text file, numbered from 1; empty ones are left out, but counted."""
    import pyarrow

    schema = pyarrow.schema([(ROW_NUMBER, pyarrow.int64()), (column, pyarrow.string())])
    return pyarrow.RecordBatchReader.from_batches(schema, _line_batches(path, schema))


def _line_batches(path: Path, schema: pyarrow.Schema) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow

    for rows in _in_batches(_lines(path)):
        yield pyarrow.record_batch([list(column) for column in zip(*rows, strict=True)], schema=schema)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """A line that is not UTF-8 comes with marks in place of the bad bytes."""
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if line.strip():
                yield number, line.rstrip("\r\n")


def _in_batches(rows: Iterator[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    batch: list[tuple[int, str]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row[1])
        if len(batch) == _BATCH_ROWS or size > _LONGEST_LINE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
