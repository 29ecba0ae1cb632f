"""Rows of relays for tests, and a hash of them that knows nothing of Arrow, Parquet or SQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

from regendata.coverage.slots import slots_of, start_of
from regendata.sources.mev_boost.blocks import Block
from regendata.sources.mev_boost.columns import columns_of, together
from regendata.sources.mev_boost.rows import ROWS, Bid, Endpoint, FetchedHour, Payload, Row

if TYPE_CHECKING:
    import pyarrow as pa

#: 2024-04-09 18:00 UTC.
HOUR = 475_746
FIRST, END = slots_of(HOUR)
HOURS = (HOUR, HOUR + 1)
DAY = date(2024, 4, 9)
#: More than any 64 bits, any float and any decimal of Arrow: the largest uint256.
MOST_WEI = str(2**256 - 1)
_BID_FIELDS = ("timestamp_ms", "optimistic_submission")


def _hex(number: int, digits: int) -> str:
    return f"0x{number:0{digits}x}"


def payload(slot: int, block: int = 0, **changes: Any) -> Payload:
    """A payload of a slot; equal arguments give equal rows."""
    return Payload(**{**_common(slot, block), **changes})


def bid(slot: int, block: int = 0, milliseconds: int = 0, **changes: Any) -> Bid:
    """A bid of a slot, so many milliseconds into it."""
    moment = start_of(slot) * 1000 + milliseconds
    times = {"timestamp": moment // 1000, "timestamp_ms": moment, "optimistic_submission": block % 2 == 0}
    return Bid(**{**_common(slot, block), **times, **changes})


def _common(slot: int, block: int) -> dict[str, Any]:
    return {
        "slot": slot,
        "parent_hash": _hex(slot - 1, 64),
        "block_hash": _hex(slot * 1_000 + block, 64),
        "builder_pubkey": _hex(block % 5, 96),
        "proposer_pubkey": _hex(slot, 96),
        "proposer_fee_recipient": _hex(slot, 40),
        "gas_limit": 30_000_000,
        "gas_used": 1_000_000 + block,
        "value": str(10**17 + slot * 1_000 + block),
        "num_tx": 100 + block,
        "block_number": slot - 1_000,
    }


def bids(slots: Iterable[int], each: int = 3) -> list[Bid]:
    """Some bids of every slot."""
    return [bid(slot, block, 1_000 + block) for slot in slots for block in range(each)]


def payloads(slots: Iterable[int]) -> list[Payload]:
    """A payload of every slot."""
    return [payload(slot) for slot in slots]


def block_of(row: Payload, **changes: Any) -> Block:
    """The canonical block that makes a row true."""
    moment = datetime.fromtimestamp(start_of(row.slot), timezone.utc)
    return Block(**{**{"number": row.block_number, "hash": row.block_hash, "timestamp": moment}, **changes})


#: Payloads and bids of three relays, with slots that several delivered and blocks that several had.
Answers = dict[str, tuple[list[Payload], list[Bid]]]
ANSWERS: Answers = {
    "flashbots": (payloads(range(FIRST, FIRST + 6)), bids(range(FIRST, FIRST + 8), each=2)),
    "titan": (
        [*payloads(range(FIRST + 4, FIRST + 7)), payload(FIRST + 4, 9)],
        [bid(slot, block, 2_500 + block) for slot in range(FIRST, FIRST + 4) for block in (1, 2, 3)],
    ),
    "aestus": ([], [bid(FIRST, 1, 0, timestamp=0, timestamp_ms=0)]),
}


def fetched(
    rows: Sequence[Row], *covered: tuple[int, int], relay: str = "flashbots", hour: int = HOUR
) -> FetchedHour:
    """What a relay answered; without intervals the whole hour is covered."""
    endpoint: Endpoint = "bids" if rows and isinstance(rows[0], Bid) else "payloads"
    columns = together(endpoint, [columns_of(endpoint, rows)])
    return FetchedHour(endpoint, relay, hour, covered or (slots_of(hour),), columns)


def rows_of(endpoint: Endpoint, columns: pa.Table | pa.RecordBatch) -> list[Row]:
    """The rows that such columns were made of."""
    return [ROWS[endpoint](**row) for row in columns.to_pylist()]


def received_ms(row: Bid) -> int:
    """When the relay received it, in milliseconds since 1970; whole seconds where it says no more."""
    return row.timestamp_ms or row.timestamp * 1000


def identity(row: Row) -> tuple[object, ...]:
    """What makes a row one row within its relay: a bid's block may be sent again at another millisecond."""
    if isinstance(row, Bid):
        return row.slot, row.block_hash, row.builder_pubkey, received_ms(row)
    return row.slot, row.block_hash


def digest(rows: Iterable[tuple[str, Row]]) -> str:
    """Hash of (relay, row), in whatever order they come."""
    return digest_of_values([relay, *_values(row)] for relay, row in rows)


def digest_of_values(rows: Iterable[Sequence[Any]]) -> str:
    """The same of values in the order relay, then the fields of :func:`names`."""
    lines = sorted(json.dumps([str(cell) for cell in row]) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def names(endpoint: Endpoint) -> list[str]:
    """Columns that are compared."""
    common = list(Payload.__struct_fields__)
    return common if endpoint == "payloads" else [*common, *_BID_FIELDS]


def _values(row: Row) -> list[Any]:
    values = [getattr(row, name) for name in Payload.__struct_fields__]
    return [*values, received_ms(row), row.optimistic_submission] if isinstance(row, Bid) else values
