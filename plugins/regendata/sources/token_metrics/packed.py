"""Blocks of metrics as rows of PostgreSQL's binary COPY, without a step per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from regendata.sources.token_metrics.hours import HOUR
from regendata.sources.token_metrics.windows import Block, Flags

SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
#: Length that says NULL.
_NULL = -1


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

    @property
    def width(self) -> int:
        return self.names.dtype.itemsize


def columns(block: Block) -> list[str]:
    """Names of the columns of ``rows``, in their order."""
    return ["symbol", "timestamp", *block.hours_known, *block.figures]


def rows(block: Block, wanted: Flags, symbols: Symbols) -> memoryview:
    """Rows of a block, hour after hour, as they stand between SIGNATURE and TRAILER.

    :param wanted: [hours, symbols], which rows.
    """
    picked = np.flatnonzero(wanted & block.exists)
    hours, numbers = np.divmod(picked, len(symbols.names))
    table = np.empty(len(picked), dtype=_layout(block, symbols.width))
    kept = np.ones((len(picked), table.dtype.itemsize), dtype=np.bool_)
    table["fields"] = len(columns(block))
    table["length symbol"], table["symbol"] = symbols.lengths[numbers], symbols.names[numbers]
    symbol = _place(table, "symbol")
    kept[:, symbol] = np.arange(symbols.width) < symbols.lengths[numbers, None]
    table["length timestamp"], table["timestamp"] = 4, (block.first + hours) * HOUR
    for name, known in block.hours_known.items():
        table[f"length {name}"], table[name] = 2, known.ravel()[picked]
    for name, values in block.figures.items():
        found = values.ravel()[picked]
        is_null = np.isnan(found)
        table[f"length {name}"], table[name] = np.where(is_null, _NULL, 8), found
        kept[is_null, _place(table, name)] = False
    return table.view(np.uint8).reshape(kept.shape)[kept].data


def _place(table: NDArray[np.void], name: str) -> slice:
    """Where the bytes of a field stand in a row."""
    kind, begin, *_ = cast(Mapping[str, Any], table.dtype.fields)[name]
    return slice(begin, begin + kind.itemsize)


def _layout(block: Block, symbol_width: int) -> np.dtype[np.void]:
    """A row with room for every value, each behind its length."""
    fields: list[tuple[str, str]] = [
        ("fields", ">i2"),
        ("length symbol", ">i4"),
        ("symbol", f"S{symbol_width}"),
    ]
    kinds = {
        "timestamp": ">i4",
        **dict.fromkeys(block.hours_known, ">i2"),
        **dict.fromkeys(block.figures, ">f8"),
    }
    for name, kind in kinds.items():
        fields += [(f"length {name}", ">i4"), (name, kind)]
    return np.dtype(fields)
