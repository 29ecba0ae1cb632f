"""CSV as Postgres sends it -> a Parquet file whose bytes depend on the rows alone, in bounded memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regendata.exceptions import ContentRefused
from regendata.publish.exports.columns import ExportColumn, arrow_types

if TYPE_CHECKING:
    import pyarrow as pa

#: One row as COPY sends it.
Row = bytes | bytearray | memoryview
#: Raise it when files of the same rows come out differently.
WRITER = 1
#: Rows are parsed in units and gathered to row groups. Where one ends depends on the rows alone, whatever the
#: network does, and what one holds bounds the memory.
UNIT_ROWS, UNIT_BYTES = 8_192, 16 << 20
GROUP_ROWS, GROUP_BYTES = 131_072, 64 << 20
_PIECE = 1 << 20


@dataclass(frozen=True)
class Written:
    """A finished file. ``physical_types`` are Parquet's, such as BYTE_ARRAY, per column."""

    rows: int
    bytes: int
    sha256: str
    physical_types: tuple[str, ...]


def writer_version() -> str:
    """What decides the bytes beside the rows."""
    import pyarrow as pa

    return f"{WRITER}/{pa.__version__}"


def write(rows: Iterable[Row], columns: Sequence[ExportColumn], path: Path) -> Written:
    """Write all rows.

    :param rows: CSV, each with its end of line, as COPY sends them.
    :raises ContentRefused: a value does not fit its column.
    """
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema(list(arrow_types(columns).items()))
    count = 0
    try:
        with parquet.ParquetWriter(path, schema, compression="zstd", compression_level=6) as file:
            for group in row_groups(_parsed(unit, columns) for unit in units(rows)):
                file.write_table(group, row_group_size=group.num_rows)
                count += group.num_rows
    except pa.ArrowInvalid as error:
        raise ContentRefused(f"{path.stem}: {error}") from error
    found = parquet.ParquetFile(path).schema
    types = tuple(found.column(place).physical_type for place in range(len(columns)))
    return Written(count, path.stat().st_size, sha256_of(path), types)


def units(rows: Iterable[Row]) -> Iterator[bytes]:
    """Rows joined: so many of them, or so many bytes; a row is never cut."""
    gathered: list[Row] = []
    size = 0
    for row in rows:
        gathered.append(row)
        size += len(row)
        if len(gathered) >= UNIT_ROWS or size >= UNIT_BYTES:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


def row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Tables gathered to row groups of bounded size."""
    import pyarrow as pa

    gathered: list[Any] = []
    for table in tables:
        gathered.append(table)
        rows, size = sum(one.num_rows for one in gathered), sum(one.nbytes for one in gathered)
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            yield pa.concat_tables(gathered).combine_chunks()
            gathered = []
    if gathered:
        yield pa.concat_tables(gathered).combine_chunks()


def _parsed(unit: bytes, columns: Sequence[ExportColumn]) -> pa.Table:
    """Not in blocks of the parser's own: it would read far ahead, and cut rows that are larger."""
    import pyarrow as pa
    from pyarrow import csv

    return csv.read_csv(
        pa.BufferReader(unit),
        csv.ReadOptions(
            use_threads=False, block_size=len(unit), column_names=[column.name for column in columns]
        ),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=arrow_types(columns),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )


def sha256_of(path: Path) -> str:
    """Of a file, in lower-case hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
