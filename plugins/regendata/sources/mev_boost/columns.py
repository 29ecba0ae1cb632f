"""A relay's answer as columns: made when it comes, so that no object per value outlives its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from regendata.exceptions import MalformedRows
from regendata.sources.mev_boost.rows import ROWS, Endpoint, Row, decode
from regendata.sources.mev_boost.schema import Kind, stored_fields

if TYPE_CHECKING:
    import pyarrow as pa

#: A relay says whole seconds where objects have a moment.
_ON_THE_WIRE: Mapping[str, Kind] = {"timestamp": "count"}
_ZERO = ord("0")


def read(endpoint: Endpoint, body: bytes) -> pa.RecordBatch:
    """The rows of an answer, in the order they came.

    :raises MalformedRows: the body is no list of rows, or a value no whole number in its one spelling.
    """
    rows = columns_of(endpoint, decode(endpoint, body))
    _check_wei(rows.column("value"))
    return rows


def columns_of(endpoint: Endpoint, rows: Sequence[Row]) -> pa.RecordBatch:
    """The same rows, with a column per field, called as on the wire."""
    import pyarrow as pa

    kinds = _wire_kinds(endpoint)
    # Column by column: the next list takes the memory of the one before.
    arrays = [_array(rows, name, kind) for name, kind in kinds.items()]
    return pa.RecordBatch.from_arrays(arrays, schema=wire_schema(endpoint))


def together(endpoint: Endpoint, answers: Sequence[pa.RecordBatch]) -> pa.Table:
    """The rows of several answers, or of none."""
    import pyarrow as pa

    return pa.Table.from_batches(answers, wire_schema(endpoint))


@cache
def wire_schema(endpoint: Endpoint) -> pa.Schema:
    """Columns of an answer."""
    import pyarrow as pa

    return pa.schema([(name, arrow_type(kind)) for name, kind in _wire_kinds(endpoint).items()])


@cache
def _wire_kinds(endpoint: Endpoint) -> Mapping[str, Kind]:
    kinds = {field.name: field.kind for field in stored_fields(endpoint)} | dict(_ON_THE_WIRE)
    return {name: kinds[name] for name in ROWS[endpoint].__struct_fields__}


def arrow_type(kind: Kind) -> pa.DataType:
    """How values of a kind are held."""
    import pyarrow as pa

    types: dict[Kind, pa.DataType] = {
        "count": pa.int64(),
        "text": pa.string(),
        "wei": pa.string(),
        "moment": pa.timestamp("us", tz="UTC"),
        "flag": pa.bool_(),
    }
    return types[kind]


def _array(rows: Sequence[Row], name: str, kind: Kind) -> pa.Array:
    """A field of all rows; numbers and hashes without a list of them in between."""
    import numpy as np
    import pyarrow as pa

    values = map(attrgetter(name), rows)
    if kind == "count":
        return pa.array(np.fromiter(values, np.int64, len(rows)))
    if kind == "text":
        return _of_one_length("".join(values).encode(), len(rows))
    return pa.array(list(values), arrow_type(kind))


def _of_one_length(text: bytes, count: int) -> pa.StringArray:
    """Hashes and keys one after the other, each as long as its type says.

    :raises MalformedRows: letters that take more than a byte.
    """
    import numpy as np
    import pyarrow as pa

    if not text.isascii():
        raise MalformedRows("a hash of letters that are none of a hash")
    ends = np.arange(count + 1, dtype=np.int32) * (len(text) // max(count, 1))
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(text))


def _check_wei(values: pa.StringArray) -> None:
    """Whether each is a whole number without a zero before it.

    All at once: text lies in Arrow one value after the other.
    """
    import numpy as np

    if not len(values):
        return
    _, offsets, text = values.buffers()
    digits = text.to_pybytes()
    if not digits.isdigit():
        raise MalformedRows("a value is no whole number of wei")
    bounds = np.frombuffer(offsets, np.int32)
    zero = np.frombuffer(digits, np.uint8)[bounds[:-1]] == _ZERO
    if (zero & (np.diff(bounds) > 1)).any():
        raise MalformedRows("a value begins with a zero")
