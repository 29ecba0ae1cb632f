"""Tables as the CSV that COPY writes and reads: NULL is nothing, an empty text is quoted."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.csv

#: A row has to fit into one block of the reader; nobody promises that a title is short.
_LARGEST_ROW = 1 << 26
#: Columns that are no texts.
_TYPES = {
    "created_at": pa.timestamp("us", "UTC"),
    "applied_at": pa.timestamp("us", "UTC"),
    "amount_in_usd": pa.float64(),
    "seniority": pa.int64(),
}


def read_parts(parts: Sequence[bytes], names: Sequence[str]) -> pa.Table:
    """Parts with the same columns as one table with the columns ``names``; no part gives no row."""
    empty = pa.schema([(name, _TYPES.get(name, pa.string())) for name in names]).empty_table()
    return pa.concat_tables([empty, *(read_csv(part).select(names) for part in parts)]).combine_chunks()


def read_csv(content: bytes) -> pa.Table:
    """A table from CSV with a header line."""
    header = content.partition(b"\n")[0].decode().split(",")
    return pyarrow.csv.read_csv(
        pa.BufferReader(content),
        read_options=pyarrow.csv.ReadOptions(block_size=_LARGEST_ROW),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={name: _TYPES.get(name, pa.string()) for name in header},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def write_csv(rows: pa.Table) -> bytes:
    """CSV without a header line."""
    sink = io.BytesIO()
    pyarrow.csv.write_csv(rows, sink, pyarrow.csv.WriteOptions(include_header=False))
    return sink.getvalue()
