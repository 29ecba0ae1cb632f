"""Rows as columns: from the relays' rows to Arrow, each row once, in one order for one content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import TYPE_CHECKING

from regendata.exceptions import FinalError
from regendata.sources.mev_boost.columns import arrow_type
from regendata.sources.mev_boost.rows import Endpoint, FetchedHour
from regendata.sources.mev_boost.schema import IDENTITY, stored_fields

if TYPE_CHECKING:
    import pyarrow as pa

Slots = Sequence[tuple[int, int]]


class RowsOutsideCoverage(FinalError):
    """Rows of slots that nobody proved fetched: storing them would make their slots look complete."""


def arrow_schema(endpoint: Endpoint) -> pa.Schema:
    """Columns of an endpoint's objects."""
    import pyarrow as pa

    fields = stored_fields(endpoint)
    return pa.schema([pa.field(one.name, arrow_type(one.kind), nullable=not one.required) for one in fields])


def table_of(fetched: FetchedHour) -> pa.Table:
    """The rows of an hour, each identity once, sorted by it.

    :raises RowsOutsideCoverage: a row's slot is not among those covered.
    """
    import pyarrow.compute as pc

    table = _as_stored(fetched)
    outside = table.num_rows - (pc.sum(_inside(table, fetched.covered)).as_py() or 0)
    if outside:
        raise RowsOutsideCoverage(
            f"{fetched.relay}, {fetched.endpoint}, hour {fetched.hour}: "
            f"{outside} rows of slots that were not fetched as a whole"
        )
    return canonical(fetched.endpoint, table)


def _as_stored(fetched: FetchedHour) -> pa.Table:
    """The columns of an object; all but those below are as on the wire."""
    import pyarrow as pa

    rows = fetched.rows.combine_chunks()
    columns = dict(zip(rows.column_names, rows.columns, strict=True))
    columns["relay"] = pa.repeat(pa.scalar(fetched.relay, pa.string()), rows.num_rows)
    if fetched.endpoint == "bids":
        columns |= _times(columns["timestamp"], columns["timestamp_ms"])
    schema = arrow_schema(fetched.endpoint)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _times(seconds: pa.ChunkedArray, exact: pa.ChunkedArray) -> dict[str, pa.ChunkedArray]:
    """When bids came: whole seconds of relays that say no more, no moment where they say nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

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
    import pyarrow.compute as pc

    inside = _inside(table, slots)
    return table if pc.all(inside).as_py() else table.filter(inside)


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
