"""Block times and reorganised payloads: what the canonical blocks add to rows of relays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from regendata.sources.mev_boost.rows import Endpoint
from regendata.sources.mev_boost.schema import FIELDS

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Block:
    """A canonical block."""

    number: int
    hash: str
    timestamp: datetime
    extra_data: str | None = None


def dated(endpoint: Endpoint, table: pa.Table, blocks: Sequence[Block]) -> pa.Table:
    """The columns of the warehouse: those of the object, and what the blocks say, empty without a block."""
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pa.array([block.number for block in blocks], pa.int64())
    moments = pa.array([block.timestamp for block in blocks], pa.timestamp("us", tz="UTC"))
    found = pc.index_in(table.column("block_number"), value_set=numbers)
    added = {"block_timestamp": moments.take(found.combine_chunks())}
    if endpoint == "payloads":
        hashes = pa.array([block.hash for block in blocks], pa.string()).take(found.combine_chunks())
        added["reorged"] = pc.not_equal(table.column("block_hash"), hashes)
    names = [field.name for field in FIELDS[endpoint]]
    return pa.table({name: added[name] if name in added else table.column(name) for name in names})


def undated_rows(table: pa.Table) -> int:
    """Rows that wait for their block."""
    return int(table.column("block_timestamp").null_count)


def as_copy(table: pa.Table) -> memoryview:
    """Rows as COPY reads CSV; no value needs quotes, and only NULL is empty."""
    import pyarrow as pa
    import pyarrow.csv as pcsv

    sink = pa.BufferOutputStream()
    options = pcsv.WriteOptions(include_header=False, quoting_style="none")
    pcsv.write_csv(table, sink, options)
    return memoryview(sink.getvalue())
