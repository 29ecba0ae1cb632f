"""Writes Parquet and CSV archives: same rows, same bytes. Rows come in batches, so memory stays bounded."""

from __future__ import annotations

import csv
import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

from sandbox.generator.exceptions import ColumnMismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from psycopg import Connection

    from sandbox.generator.table_files import Column

Record = dict[str, Any]
BATCH_ROWS = 50_000
CHECKSUMS = "SHA256SUMS"
ARROW_TYPES = {
    "boolean": pa.bool_(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}
"""Other types travel as text: numeric(78, 0) has no Arrow type, jsonb and arrays are PostgreSQL's own."""


def write_parquet(path: Path, columns: Sequence[Column], batches: Iterable[Sequence[Sequence[Any]]]) -> int:
    """Write one row group per batch; returns the number of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(c.name, ARROW_TYPES.get(c.type, pa.string())) for c in columns])
    written = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in batches:
            writer.write_table(_table(rows, schema))
            written += len(rows)
    return written


def _table(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    values = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(column, type=field.type) for column, field in zip(values, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def in_order(columns: Sequence[Column], records: Iterable[Record]) -> Iterator[list[Any]]:
    """Rows of records in column order; a missing or a foreign key is an error."""
    names = [column.name for column in columns]
    for record in records:
        if record.keys() != set(names):
            raise ColumnMismatch(sorted(record.keys() ^ set(names)))
        yield [record[name] for name in names]


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
    """Write a header and the rows; null is an empty field, a timestamp is ISO 8601 with its offset."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        for row in rows:
            writer.writerow([_field(value) for value in row])
            written += 1
    return written


def _field(value: Any) -> Any:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value


def query_batches(
    connection: Connection, query: sql.Composed, size: int = BATCH_ROWS
) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a query through a server-side cursor, a batch at a time."""
    with connection.transaction(), connection.cursor(name="archive") as cursor:
        cursor.itersize = size
        cursor.execute(query)
        while rows := cursor.fetchmany(size):
            yield rows


def select_of_table(schema: str, columns: Sequence[Column], order: Sequence[str], table: str) -> sql.Composed:
    """SELECT the columns as Parquet holds them, in an order no locale can change."""
    return sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(map(_selected, columns)),
        sql.Identifier(schema, table),
        sql.SQL(", ").join(sql.SQL('{}::text COLLATE "C"').format(sql.Identifier(name)) for name in order),
    )


def _selected(column: Column) -> sql.Composable:
    name = sql.Identifier(column.name)
    return name if column.type in ARROW_TYPES else sql.SQL("{}::text").format(name)


def write_checksums(folder: Path) -> None:
    """SHA256SUMS over everything in the folder, as `sha256sum` writes and checks it."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != CHECKSUMS)
    lines = (f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths)
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def _sha256(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()
