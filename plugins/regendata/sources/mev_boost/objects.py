"""Hours as objects: where they stand, and their bytes as Parquet or JSON. One content, one object."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from regendata.sources.mev_boost.rows import Endpoint, Hour
from regendata.sources.mev_boost.tables import arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: Values that hardly repeat: a dictionary of them is only work. Numbers that are near the one before, or of
#: few bits, take less as differences.
_UNIQUE_COLUMNS = ("block_hash", "value")
_NEAR_COLUMNS = ("slot", "timestamp", "timestamp_s", "timestamp_ms", "gas_used")
_GZIP_LEVEL = 6


@dataclass(frozen=True)
class Unit:
    """What is stored and replaced as one: an hour of one endpoint of one relay."""

    endpoint: Endpoint
    relay: str
    hour: Hour

    @property
    def begin(self) -> datetime:
        """Its first moment."""
        return _EPOCH + timedelta(hours=self.hour)

    def key(self, prefix: str, object_format: str) -> str:
        """Where its object stands; Hive's names let every engine read a folder as one table."""
        at = self.begin
        return (
            f"{prefix}/{self.endpoint}/relay={self.relay}/date={at:%Y-%m-%d}/hour={at:%H}/"
            f"rows.{FORMATS[object_format].ending}"
        )

    def __str__(self) -> str:
        return f"{self.relay}, {self.endpoint}, {self.begin:%Y-%m-%d %H}h"


@dataclass(frozen=True)
class Format:
    """How an hour is written.

    :param bigquery: the name BigQuery's load jobs have for it.
    """

    ending: str
    bigquery: str
    write: Callable[[pa.Table], bytes]
    read: Callable[[Endpoint, bytes], pa.Table]


def write_parquet(table: pa.Table) -> bytes:
    """One row group per write, compressed by zstd; the same rows give the same bytes."""
    import pyarrow.parquet as pq

    near = [name for name in table.column_names if name in _NEAR_COLUMNS]
    repeating = [name for name in table.column_names if name not in (*_UNIQUE_COLUMNS, *near)]
    sink = io.BytesIO()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        use_dictionary=repeating,
        column_encoding=dict.fromkeys(near, "DELTA_BINARY_PACKED"),
        write_statistics=["slot"],
    )
    return sink.getvalue()


def read_parquet(endpoint: Endpoint, body: bytes) -> pa.Table:
    """What :func:`write_parquet` wrote."""
    import pyarrow.parquet as pq

    return pq.read_table(io.BytesIO(body), schema=arrow_schema(endpoint))


def write_json_lines(table: pa.Table) -> bytes:
    """A line per row, without a time in the gzip header: the same rows give the same bytes."""
    import msgspec

    lines = msgspec.json.Encoder().encode_lines(table.to_pylist())
    return gzip.compress(lines, compresslevel=_GZIP_LEVEL, mtime=0)


def read_json_lines(endpoint: Endpoint, body: bytes) -> pa.Table:
    """What :func:`write_json_lines` wrote."""
    import pyarrow.json as pj

    lines, schema = gzip.decompress(body), arrow_schema(endpoint)
    if not lines:
        return schema.empty_table()
    options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    return pj.read_json(io.BytesIO(lines), parse_options=options).select(schema.names).cast(schema)


FORMATS: Mapping[str, Format] = {
    "parquet": Format("parquet", "PARQUET", write_parquet, read_parquet),
    "ndjson": Format("json.gz", "NEWLINE_DELIMITED_JSON", write_json_lines, read_json_lines),
}
