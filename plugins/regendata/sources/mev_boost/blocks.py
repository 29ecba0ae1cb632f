"""Block times and reorganised payloads: what the canonical blocks add to rows of relays."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

from regendata.exceptions import BadSourceAnswer
from regendata.sources.mev_boost.rows import Endpoint
from regendata.sources.mev_boost.schema import FIELDS

if TYPE_CHECKING:
    import pyarrow as pa

#: Text is read in half the time of CSV; only NULL is empty.
COPY_FORMAT = "FORMAT text, NULL ''"
#: Rows per piece of COPY.
_PIECE = 4_096


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


def as_copy(table: pa.Table) -> Iterator[memoryview]:
    """Rows as :data:`COPY_FORMAT` reads them, piece by piece: the server works while the next one is made.

    No value holds a tab or a backslash: rows are checked when they come in.
    """
    import pyarrow as pa
    import pyarrow.csv as pcsv

    options = pcsv.WriteOptions(include_header=False, quoting_style="none", delimiter="\t", batch_size=_PIECE)
    for piece in table.to_batches(max_chunksize=_PIECE):
        sink = pa.BufferOutputStream()
        pcsv.write_csv(piece, sink, options)
        yield memoryview(sink.getvalue())


def blocks_key(prefix: str, day: date) -> str:
    """Where the blocks of a UTC day stand: CSV with a header, as an export of a table of blocks writes it."""
    return f"{prefix}/blocks/date={day:%Y-%m-%d}/blocks.csv.gz"


def read_blocks(body: bytes) -> list[Block]:
    """Blocks of an export: columns number, timestamp, hash and extra_data, others are left out.

    :raises BadSourceAnswer: no CSV of blocks.
    """
    try:
        lines = io.StringIO(gzip.decompress(body).decode())
        return [_block(row) for row in csv.DictReader(lines)]
    except (OSError, EOFError, KeyError, ValueError, TypeError) as error:
        raise BadSourceAnswer(f"no CSV of blocks: {error!r}") from error


def _block(row: Mapping[str, str]) -> Block:
    moment = datetime.fromisoformat(row["timestamp"].removesuffix(" UTC").removesuffix("Z"))
    return Block(
        int(row["number"]), row["hash"], moment.replace(tzinfo=timezone.utc), readable(row["extra_data"])
    )


def readable(extra_data: str) -> str:
    """What builders sign with is text: bytes that are none are left out, and what cannot be printed."""
    text = bytes.fromhex(extra_data.removeprefix("0x")).decode("utf-8", "ignore")
    return "".join(sign for sign in text if sign.isprintable() and sign != "\ufffd")
