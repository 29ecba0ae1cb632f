"""Blocks of metrics as rows of PostgreSQL's binary COPY, without a step per row."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regendata.sources.token_metrics.hours import HOUR
from regendata.sources.token_metrics.windows import Block, Flags, Ints

SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
#: Length that says NULL.
_NULL = -1
_FIGURE = np.dtype([("length", ">i4"), ("value", ">f8")])


@dataclass(frozen=True)
class Symbols:
    """Names by number, as bytes of one width, with how many of these count."""

    names: NDArray[np.bytes_]
    lengths: NDArray[np.int32]

    @classmethod
    def of(cls, names: Sequence[str]) -> Symbols:
        encoded = [name.encode() for name in names]
        lengths = [len(name) for name in encoded]
        width = max(1, *lengths)
        return cls(np.array(encoded, dtype=f"S{width}"), np.array(lengths, dtype=np.int32))


def columns(block: Block) -> list[str]:
    """Names of the columns of ``rows``, in their order."""
    return ["symbol", "timestamp", *block.hours_known, *block.figures]


def rows(block: Block, wanted: Flags, symbols: Symbols) -> memoryview:
    """Rows of a block as they stand between SIGNATURE and TRAILER, in no order within the block.

    :param wanted: [hours, symbols], which rows.
    """
    picked = np.flatnonzero(wanted & block.exists)
    lengths = symbols.lengths[picked % len(symbols.names)]
    pieces = [_rows_of(block, picked[lengths == one], symbols, int(one)) for one in np.unique(lengths)]
    return memoryview(b"".join(itertools.chain.from_iterable(pieces)))


def _rows_of(block: Block, picked: Ints, symbols: Symbols, length: int) -> tuple[bytes, bytes]:
    """Rows of symbols of one length: those without any NULL, which are all of one size, and the others.

    :param picked: numbers of hours times symbols.
    """
    hours, numbers = np.divmod(picked, len(symbols.names))
    table = np.empty(len(picked), dtype=_layout(block, length))
    table["fields"] = len(columns(block))
    table["symbol"]["length"], table["symbol"]["value"] = length, symbols.names[numbers]
    table["timestamp"]["length"], table["timestamp"]["value"] = 4, (block.first + hours) * HOUR
    table["known"]["length"], table["known"]["value"] = 2, _picked(block.hours_known, picked).T
    figures = _picked(block.figures, picked)
    table["figures"]["length"], table["figures"]["value"] = 8, figures.T
    is_null = np.isnan(figures)
    has_null = is_null.any(axis=0)
    # Rows as bytes: of a structure, each field would be copied by itself.
    whole = table.view(f"V{table.dtype.itemsize}")[~has_null]
    return whole.tobytes(), _without_nulls(table[has_null], is_null[:, has_null].T)


def _picked(arrays: Mapping[str, NDArray[Any]], picked: Ints) -> NDArray[Any]:
    """[columns, rows]"""
    return np.array([values.ravel()[picked] for values in arrays.values()])


def _without_nulls(table: NDArray[np.void], is_null: Flags) -> bytes:
    """A NULL has a length and no bytes; figures stand at the end of a row."""
    table["figures"]["length"][is_null] = _NULL
    kept = np.ones((len(table), table.dtype.itemsize), dtype=np.bool_)
    values = kept[:, kept.shape[1] - is_null.shape[1] * _FIGURE.itemsize :]
    values.reshape(*is_null.shape, _FIGURE.itemsize)[is_null, _FIGURE["length"].itemsize :] = False
    return table.view(np.uint8).reshape(kept.shape)[kept].tobytes()


def _layout(block: Block, symbol_length: int) -> np.dtype[np.void]:
    """A row with every value behind its length."""
    return np.dtype(
        [
            ("fields", ">i2"),
            ("symbol", [("length", ">i4"), ("value", f"S{symbol_length}")]),
            ("timestamp", [("length", ">i4"), ("value", ">i4")]),
            ("known", [("length", ">i4"), ("value", ">i2")], len(block.hours_known)),
            ("figures", _FIGURE, len(block.figures)),
        ]
    )
