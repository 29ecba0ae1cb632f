"""CSV as Postgres sends it -> a Parquet file whose bytes depend on the rows alone, in bounded memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regendata.exceptions import ContentRefused
from regendata.publish.exports.columns import ExportColumn, arrow_types

if TYPE_CHECKING:
    import pyarrow as pa

#: Raise it when files of the same rows come out differently.
WRITER = 1
#: Rows are cut into equal units, however they arrived, and units gathered to row groups: what a group holds
#: then depends on the rows alone. A group ends with so many rows or bytes, which bounds the memory.
UNIT_ROWS = 8_192
GROUP_ROWS = 131_072
GROUP_BYTES = 64 << 20
#: CSV that is parsed at a time; no row may be larger.
BLOCK_BYTES = 16 << 20
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


def write(stream: BufferedReader, columns: Sequence[ExportColumn], path: Path) -> Written:
    """Write all rows of a CSV stream.

    :param stream: gives as many bytes as are asked for until it ends, so that blocks are always the same.
    :raises ContentRefused: a value does not fit its column, or a row is larger than a block.
    """
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema(list(arrow_types(columns).items()))
    rows = 0
    try:
        with parquet.ParquetWriter(
            path, schema, version="2.6", compression="zstd", compression_level=6
        ) as file:
            for group in row_groups(_batches(stream, columns)):
                file.write_table(group, row_group_size=group.num_rows)
                rows += group.num_rows
    except pa.ArrowInvalid as error:
        raise ContentRefused(f"{path.stem}: {error}") from error
    found = parquet.ParquetFile(path).schema
    types = tuple(found.column(place).physical_type for place in range(len(columns)))
    return Written(rows, path.stat().st_size, sha256_of(path), types)


def row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches of any size as row groups of bounded size."""
    import pyarrow as pa

    units: list[Any] = []
    for unit in _units(batches):
        units.append(unit)
        rows, size = sum(one.num_rows for one in units), sum(one.nbytes for one in units)
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            yield pa.concat_tables(units).combine_chunks()
            units = []
    if units:
        yield pa.concat_tables(units).combine_chunks()


def _units(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    import pyarrow as pa

    left: Any = None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        left = table if left is None else pa.concat_tables([left, table])
        while left.num_rows >= UNIT_ROWS:
            yield left.slice(0, UNIT_ROWS).combine_chunks()
            left = left.slice(UNIT_ROWS)
    if left is not None and left.num_rows:
        yield left.combine_chunks()


def _batches(stream: BufferedReader, columns: Sequence[ExportColumn]) -> Iterator[pa.RecordBatch]:
    from pyarrow import csv

    if not stream.peek(1):
        # The parser takes nothing for an error; a relation may be empty.
        return
    yield from csv.open_csv(
        stream,
        csv.ReadOptions(
            use_threads=False, block_size=BLOCK_BYTES, column_names=[column.name for column in columns]
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
