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
    table = _table(fetched.endpoint, fetched.relay, fetched.rows)
    inside = within(table, fetched.covered)
    if inside.num_rows != table.num_rows:
        raise RowsOutsideCoverage(
            f"{fetched.relay}, {fetched.endpoint}, hour {fetched.hour}: "
            f"{table.num_rows - inside.num_rows} rows of slots that were not fetched as a whole"
        )
    return canonical(fetched.endpoint, table)


def _table(endpoint: Endpoint, relay: str, rows: Sequence[Row]) -> pa.Table:
    import pyarrow as pa

    schema = arrow_schema(endpoint)
    columns = {name: list(map(attrgetter(name), rows)) for name in _same_names(endpoint)}
    arrays = {name: pa.array(values, schema.field(name).type) for name, values in columns.items()}
    arrays["relay"] = pa.repeat(pa.scalar(relay, pa.string()), len(rows))
    if endpoint == "bids":
        arrays |= _times(rows)
    return pa.table([arrays[name] for name in schema.names], schema=schema)


def _same_names(endpoint: Endpoint) -> list[str]:
    """Columns that are called as on the wire and hold the same."""
    own = ("relay", "timestamp", "timestamp_s", "timestamp_ms")
    return [field.name for field in stored_fields(endpoint) if field.name not in own]


def _times(rows: Sequence[Row]) -> dict[str, pa.Array]:
    """When bids came, from the best that the relay says."""
    import pyarrow as pa
    import pyarrow.compute as pc

    milliseconds = pa.array([row.received_ms for row in rows], pa.int64())  # type: ignore[union-attr]
    told = pc.not_equal(milliseconds, 0)
    moments = pc.multiply(milliseconds, 1000).cast(pa.timestamp("us", tz="UTC"))
    return {
        "timestamp": pc.if_else(told, moments, None),
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


def _inside(table: pa.Table, slots: Iterable[tuple[int, int]]) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array([slot for begin, end in slots for slot in range(begin, end)], pa.int64())
    return pc.is_in(table.column("slot").combine_chunks(), value_set=wanted)


def merged(endpoint: Endpoint, stored: pa.Table, kept: Slots, fetched: FetchedHour) -> pa.Table:
    """What is stored of an hour with what was fetched now.

    :param kept: slots proved fetched before and not fetched again; stored rows of other slots are old, or
        left from an interrupted run.
    """
    import pyarrow as pa

    return canonical(endpoint, pa.concat_tables([within(stored, kept), table_of(fetched)]))
