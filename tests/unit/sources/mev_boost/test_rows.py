"""Answers of relays as typed rows: exact to the last wei, and nothing that is no list of rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from regendata.exceptions import MalformedRows
from regendata.sources.mev_boost.columns import columns_of, read
from regendata.sources.mev_boost.rows import Endpoint
from regendata.sources.mev_boost.schema import ENDPOINTS
from tests.support.mev_rows import MOST_WEI, bid, bids, fetched, identity, payload, payloads, rows_of

WIRE = {
    "slot": "8822070",
    "parent_hash": "0x" + "ae" * 32,
    "block_hash": "0x" + "d9" * 32,
    "builder_pubkey": "0x" + "83" * 48,
    "proposer_pubkey": "0x" + "ae" * 48,
    "proposer_fee_recipient": "0x" + "c5" * 20,
    "gas_limit": "30000000",
    "gas_used": "10694660",
    "value": "48023173012279368",
    "num_tx": "128",
    "block_number": "19619997",
}
TIMES = {"timestamp": "1712688863", "timestamp_ms": "1712688863194", "optimistic_submission": True}


def body(**changes: Any) -> bytes:
    row = {key: value for key, value in {**WIRE, **TIMES, **changes}.items() if value is not ...}
    return json.dumps([row]).encode()


def only(endpoint: Endpoint, answer: bytes) -> dict[str, Any]:
    """The one row of an answer."""
    (row,) = read(endpoint, answer).to_pylist()
    return row  # type: ignore[no-any-return]


def test_a_row_is_as_it_came() -> None:
    numbers = {name: int(WIRE[name]) for name in ("slot", "gas_limit", "gas_used", "num_tx", "block_number")}
    times = {"timestamp": 1712688863, "timestamp_ms": 1712688863194, "optimistic_submission": True}
    assert only("bids", body()) == {**WIRE, **numbers, **times}
    assert only("payloads", body()) == {**WIRE, **numbers}


def test_numbers_may_be_numbers() -> None:
    assert read("bids", body(slot=8822070, num_tx=128)) == read("bids", body())


@pytest.mark.parametrize("value", ["0", "7", MOST_WEI])
def test_no_wei_is_lost(value: str) -> None:
    assert only("payloads", body(value=value))["value"] == value


@pytest.mark.parametrize("missing", [{"timestamp_ms": ...}, {"timestamp_ms": "0"}])
def test_older_relays_tell_seconds_or_nothing(missing: dict[str, Any]) -> None:
    row = only("bids", body(**missing))
    assert (row["timestamp"], row["timestamp_ms"]) == (1712688863, 0)
    assert only("bids", body(timestamp=..., **missing))["timestamp"] == 0


def test_what_a_relay_does_not_say_is_not_false() -> None:
    assert only("bids", body(optimistic_submission=...))["optimistic_submission"] is None


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_nothing_is_a_list_of_nothing(endpoint: Endpoint) -> None:
    assert read(endpoint, b"[]") == columns_of(endpoint, [])


@pytest.mark.parametrize("rows", [bids([5, 7]), payloads([5, 7])])
def test_columns_are_the_rows(rows: list[Any]) -> None:
    hour = fetched(rows)
    assert rows_of(hour.endpoint, hour.rows) == rows


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"maximum limit is 200",
        b"<html><body>429</body></html>",
        b'{"code":400,"message":"maximum limit is 200"}',
        body()[:-40],
        body(slot="-1"),
        body(slot="9223372036854775808"),
        body(value="1.5"),
        body(value="-1"),
        body(value="007"),
        body()[:-1] + b"," + body(value="007")[1:],
        body(value="1e18"),
        body(value=""),
        body(value="٣"),
        body(value="9" * 79),
        body(value=1.5),
        body(block_hash="0x12"),
        json.dumps([{**WIRE, "block_hash": "0x" + "\u00e9" * 64}], ensure_ascii=False).encode(),
        body(block_hash="0x" + "\\," * 32),
        body().replace(b"0xd9d9", b"0xd9\t9"),
        body(builder_pubkey=...),
        b"[null]",
        b"\xff\xfe",
        b'[{"extra":' + b"[" * 100_000,
        b"[" * 100_000,
    ],
    ids=lambda answer: answer[:40].decode("ascii", "replace"),
)
def test_everything_else_is_named(answer: bytes) -> None:
    for endpoint in ENDPOINTS:
        with pytest.raises(MalformedRows):
            read(endpoint, answer)


def test_a_block_that_is_sent_again_is_another_bid_and_the_same_payload() -> None:
    assert identity(bid(10, 1, 100)) != identity(bid(10, 1, 101))
    assert identity(bid(10, 1, 100)) == identity(bid(10, 1, 100, gas_used=5))
    assert identity(payload(10, 1)) == identity(payload(10, 1, value="5"))
    assert identity(payload(10, 1)) != identity(payload(10, 2))
