"""Windows at the edge of 64 bits, and rows as PostgreSQL takes them."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from regendata.sources.token_metrics import packed
from regendata.sources.token_metrics.hours import HOUR
from regendata.sources.token_metrics.packed import Symbols
from regendata.sources.token_metrics.windows import UNKNOWN_MOOD, Block, Counts, blocks
from tests.support.token_world import rsd

FIRST = 490_000
MOST = 100_000_000


def counts_of(values: list[int], symbol: int = 0) -> Counts:
    """Consecutive hours up to FIRST."""
    hours = np.arange(FIRST - len(values) + 1, FIRST + 1)
    unknown = np.full(len(values), UNKNOWN_MOOD)
    return Counts(np.full(len(values), symbol), hours, np.array(values, dtype=np.int64), unknown)


def only(counts: Counts, symbols: int = 1) -> Block:
    (block,) = blocks(counts, FIRST, 1, symbols, 12)
    return block


@pytest.mark.parametrize("values", [[MOST - 1, MOST] * 168, [MOST] * 336, [0] * 335 + [MOST]])
def test_the_largest_counts_are_exact(values: list[int]) -> None:
    figures = only(counts_of(values)).figures
    assert figures["rsd_14"][0, 0] == pytest.approx(rsd(values), rel=1e-12, abs=0)
    assert figures["rsd_14_compat"][0, 0] == figures["rsd_14"][0, 0]
    assert figures["symbol_sma14"][0, 0] == sum(values) / 336


def test_sums_over_many_symbols_never_meet() -> None:
    """Beside a symbol whose squares fill 64 bits stands one without any tweets."""
    loud, silent = counts_of([MOST] * 336), counts_of([0] * 336, 1)
    both = Counts(
        *(np.concatenate(pair) for pair in zip(vars(loud).values(), vars(silent).values(), strict=True))
    )
    figures = only(both, 2).figures
    assert figures["rsd_14"][0, 0] == 0
    assert np.isnan(figures["rsd_14"][0, 1])
    assert figures["rsd_14_compat"][0, 1] == 0


def test_a_row_holds_lengths_values_and_no_padding() -> None:
    block = Block(
        FIRST,
        np.array([[True, False, True]]),
        {"hours_1": np.array([[3, 4, 5]])},
        {"count": np.array([[1.5, 2.5, np.nan]])},
    )
    symbols = Symbols.of(["ab", "left out", "ü"])
    found = packed.rows(block, np.array([[True, True, True]]), symbols)
    rows = [(b"ab", 3, struct.pack(">id", 8, 1.5)), ("ü".encode(), 5, struct.pack(">i", -1))]
    assert packed.columns(block) == ["symbol", "timestamp", "hours_1", "count"]
    assert bytes(found) == b"".join(
        struct.pack(">hi", 4, len(name)) + name + struct.pack(">iiih", 4, FIRST * HOUR, 2, known) + count
        for name, known, count in rows
    )
