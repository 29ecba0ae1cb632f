"""Rows as columns: from the relays' rows to Arrow, each row once, in one order for one content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import attrgetter
from typing import TYPE_CHECKING

from regendata.exceptions import FinalError
from regendata.sources.mev_boost.rows import Endpoint, FetchedHour, Row
from regendata.sources.mev_boost.schema import IDENTITY, Kind, stored_fields

if TYPE_CHECKING:
    import pyarrow as pa

Slots = Sequence[tuple[int, int]]
#: Rows that become columns at a time: few enough to stay near the processor while columns are made of them.
_PIECE = 4_096


class RowsOutsideCoverage(FinalError):
    """Rows of slots that nobody proved fetched: storing them would make their slots look complete."""


def arrow_schema(endpoint: Endpoint) -> pa.Schema:
    """Columns of an endpoint's objects."""
    import pyarrow as pa

    types: dict[Kind, pa.DataType] = {
        "count": pa.int64(),
        "text": pa.string(),
        "wei": pa.string(),
        "moment": pa.timestamp("us", tz="UTC"),
        "flag": pa.bool_(),
    }
    return pa.schema(
        [pa.field(one.name, types[one.kind], nullable=not one.required) for one in stored_fields(endpoint)]
    )


def table_of(fetched: FetchedHour) -> pa.Table:
    """The rows of an hour, each identity once, sorted by it.

    :raises RowsOutsideCoverage: a row's slot is not among those covered.
    """
    import pyarrow.compute as pc

    table = _table(fetched.endpoint, fetched.relay, fetched.rows)
    outside = table.num_rows - (pc.sum(_inside(table, fetched.covered)).as_py() or 0)
    if outside:
        raise RowsOutsideCoverage(
            f"{fetched.relay}, {fetched.endpoint}, hour {fetched.hour}: "
            f"{outside} rows of slots that were not fetched as a whole"
        )
    return canonical(fetched.endpoint, table)


def _table(endpoint: Endpoint, relay: str, rows: Sequence[Row]) -> pa.Table:
    import pyarrow as pa

    schema = arrow_schema(endpoint)
    pieces = (rows[first : first + _PIECE] for first in range(0, len(rows), _PIECE))
    return pa.Table.from_batches((_batch(endpoint, relay, piece, schema) for piece in pieces), schema)


def _batch(endpoint: Endpoint, relay: str, rows: Sequence[Row], schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    # Column by column: the next list takes the memory of the one before.
    arrays = {name: _array(rows, name, schema.field(name).type) for name in _same_names(endpoint)}
    arrays["relay"] = pa.repeat(pa.scalar(relay, pa.string()), len(rows))
    if endpoint == "bids":
        arrays |= _times(rows)
    return pa.record_batch([arrays[name] for name in schema.names], schema=schema)


def _array(rows: Sequence[Row], name: str, kind: pa.DataType) -> pa.Array:
    """A field of all rows; numbers without a list of them in between."""
    import numpy as np
    import pyarrow as pa

    values = map(attrgetter(name), rows)
    if pa.types.is_int64(kind):
        return pa.array(np.fromiter(values, np.int64, len(rows)))
    return pa.array(list(values), kind)


def _same_names(endpoint: Endpoint) -> list[str]:
    """Columns that are called as on the wire and hold the same."""
    own = ("relay", "timestamp", "timestamp_s", "timestamp_ms")
    return [field.name for field in stored_fields(endpoint) if field.name not in own]


def _times(rows: Sequence[Row]) -> dict[str, pa.Array]:
    """When bids came, as :attr:`Bid.received_ms` says."""
    import pyarrow as pa
    import pyarrow.compute as pc

    seconds, exact = (_array(rows, name, pa.int64()) for name in ("timestamp", "timestamp_ms"))
    milliseconds = pc.if_else(pc.equal(exact, 0), pc.multiply(seconds, 1000), exact)
    moments = pc.multiply(milliseconds, 1000).cast(pa.timestamp("us", tz="UTC"))
    return {
        "timestamp": pc.if_else(pc.not_equal(milliseconds, 0), moments, None),
        "timestamp_s": pc.divide(milliseconds, 1000),
        "timestamp_ms": milliseconds,
    }


def canonical(endpoint: Endpoint, table: pa.Table) -> pa.Table:
    """Sorted by identity; of rows that share one the first in the order of all columns stays."""
    import pyarrow as pa
    import pyarrow.compute as pc

    key = IDENTITY[endpoint][1:]
    ordered = _sorted(table, key)
    repeated = _repeats(ordered, key)
    if not pc.any(repeated).as_py():
        return ordered
    ordered = _sorted(table, (*key, *(name for name in table.column_names if name not in key)))
    first = pa.concat_arrays([pa.array([True]), pc.invert(_repeats(ordered, key))])
    return ordered.filter(first)


def _sorted(table: pa.Table, names: Sequence[str]) -> pa.Table:
    return table.sort_by([(name, "ascending") for name in names]).combine_chunks()


def _repeats(ordered: pa.Table, key: Sequence[str]) -> pa.Array:
    """For every row but the first: whether its key is that of the row before."""
    import pyarrow.compute as pc

    equal = [pc.equal(column[1:], column[:-1]) for column in (ordered.column(name) for name in key)]
    return reduce(pc.and_, equal).combine_chunks()


def within(table: pa.Table, slots: Slots) -> pa.Table:
    """The rows whose slot lies in one of the half-open intervals."""
    return table.filter(_inside(table, slots))


def _inside(table: pa.Table, slots: Iterable[tuple[int, int]]) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.column("slot")
    inside = [pc.and_(pc.greater_equal(column, begin), pc.less(column, end)) for begin, end in slots]
    nothing = pa.chunked_array([pa.repeat(pa.scalar(False), table.num_rows)])
    return reduce(pc.or_, inside) if inside else nothing


def merged(endpoint: Endpoint, stored: pa.Table, kept: Slots, fetched: FetchedHour) -> pa.Table:
    """What is stored of an hour with what was fetched now.

    :param kept: slots proved fetched before and not fetched again; stored rows of other slots are old, or
        left from an interrupted run.
    """
    import pyarrow as pa

    return canonical(endpoint, pa.concat_tables([within(stored, kept), table_of(fetched)]))
