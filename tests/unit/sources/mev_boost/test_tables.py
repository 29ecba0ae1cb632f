"""Rows as columns and objects: each once, in one order, the same bytes however they came."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from regendata.sources.mev_boost.blocks import Block, as_copy, dated, undated_rows
from regendata.sources.mev_boost.objects import FORMATS, Unit
from regendata.sources.mev_boost.rows import FetchedHour, Row
from regendata.sources.mev_boost.schema import ENDPOINTS
from regendata.sources.mev_boost.tables import RowsOutsideCoverage, arrow_schema, merged, table_of
from tests.support.mev_rows import END, FIRST, HOUR, MOST_WEI, bid, bids, fetched, identity, payload, payloads

SLOTS = st.integers(FIRST, FIRST + 5)
ROWS = st.lists(
    st.builds(bid, SLOTS, st.integers(0, 2), st.integers(0, 2), num_tx=st.integers(1, 2)), max_size=12
)


@given(rows=ROWS, cut=SLOTS, seed=st.integers(0, 9))
@limits(max_examples=50, deadline=None)
def test_parts_in_any_order_with_repeats_are_the_whole(rows: list[Row], cut: int, seed: int) -> None:
    whole = table_of(fetched(rows or bids([], 0)))
    shuffled = [*rows, *rows[:3]]
    random.Random(seed).shuffle(shuffled)
    early = [row for row in shuffled if row.slot < cut]
    late = [row for row in shuffled if row.slot >= cut]
    if not rows:
        return
    first = table_of(_bids_of(early, (FIRST, cut)))
    assert merged("bids", first, [(FIRST, cut)], _bids_of(late, (cut, END))).equals(whole)
    assert whole.num_rows == len({identity(row) for row in rows})


def _bids_of(rows: list[Row], covered: tuple[int, int]) -> FetchedHour:
    hour = fetched([bid(FIRST), *rows], covered)
    return replace(hour, rows=hour.rows.slice(1))


@pytest.mark.parametrize(
    ("times", "stored"),
    [
        ({"timestamp_ms": 1712688863194}, (1712688863, 1712688863194)),
        ({"timestamp": 1712688863, "timestamp_ms": 0}, (1712688863, 1712688863000)),
        ({"timestamp": 0, "timestamp_ms": 0}, (0, 0)),
    ],
)
def test_when_a_bid_came(times: dict[str, int], stored: tuple[int, int]) -> None:
    (row,) = table_of(fetched([bid(FIRST, **times)])).to_pylist()
    assert (row["timestamp_s"], row["timestamp_ms"]) == stored
    assert (row["timestamp"] and row["timestamp"].timestamp()) == (stored[1] / 1000 or None)


def test_rows_of_other_slots_are_refused() -> None:
    with pytest.raises(RowsOutsideCoverage):
        table_of(fetched(payloads([FIRST - 1])))


def test_what_an_interrupted_run_left_is_not_kept() -> None:
    stored = table_of(fetched(payloads(range(FIRST, FIRST + 3))))
    table = merged("payloads", stored, [(FIRST, FIRST + 1)], fetched(payloads([FIRST + 5])))
    assert table.column("slot").to_pylist() == [FIRST, FIRST + 5]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_objects_keep_everything(name: str, endpoint: str) -> None:
    odd = {"bids": bid(FIRST, 9, timestamp=0, timestamp_ms=0, optimistic_submission=None, value=MOST_WEI)}
    rows = {"bids": [*bids([FIRST, END - 1]), odd["bids"]], "payloads": [payload(FIRST, value=MOST_WEI)]}
    table = table_of(fetched(rows[endpoint]))
    written = FORMATS[name].write(table)
    assert FORMATS[name].read(endpoint, written).equals(table)  # type: ignore[arg-type]
    assert MOST_WEI in table.column("value").to_pylist()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_empty_hour_is_an_object_too(name: str, endpoint: str) -> None:
    empty = arrow_schema(endpoint).empty_table()  # type: ignore[arg-type]
    assert FORMATS[name].read(endpoint, FORMATS[name].write(empty)).equals(empty)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_rows_give_the_same_bytes(name: str) -> None:
    rows = bids(range(FIRST, FIRST + 20))
    backwards = list(reversed(rows))
    assert FORMATS[name].write(table_of(fetched(rows))) == FORMATS[name].write(table_of(fetched(backwards)))


def test_keys_say_what_an_object_holds() -> None:
    unit = Unit("bids", "flashbots", HOUR)
    folder = "mev/bids/relay=flashbots/date=2024-04-09/hour=18"
    assert unit.key("mev", "parquet") == f"{folder}/rows.parquet"
    assert unit.key("mev", "ndjson") == f"{folder}/rows.json.gz"


def test_blocks_add_time_and_flag() -> None:
    rows = payloads([FIRST, FIRST + 1, FIRST + 2])
    moment = datetime(2024, 4, 9, 18, tzinfo=timezone.utc)
    known = [
        Block(rows[0].block_number, rows[0].block_hash, moment),
        Block(rows[1].block_number, "0x0", moment),
    ]
    table = dated("payloads", table_of(fetched(rows)), known)
    assert table.column("block_timestamp").to_pylist() == [moment, moment, None]
    assert table.column("reorged").to_pylist() == [False, True, None]
    assert undated_rows(table) == 1


def test_copy_reads_nothing_as_null() -> None:
    table = dated("payloads", table_of(fetched([payload(FIRST, value=MOST_WEI)])), [])
    line = b"".join(as_copy(table)).decode()
    cells = line.rstrip("\n").split("\t")
    assert (cells[0], cells[-1]) == ("", "")
    assert MOST_WEI in cells
