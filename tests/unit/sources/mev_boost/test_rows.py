"""Answers of relays as typed rows: exact to the last wei, and nothing that is no list of rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from regendata.exceptions import MalformedRows
from regendata.sources.mev_boost.rows import decode_bids, decode_payloads, identity
from tests.support.mev_rows import MOST_WEI, bid, payload

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


def test_a_row_is_as_it_came() -> None:
    (row,) = decode_bids(body())
    found = {name: getattr(row, name) for name in row.__struct_fields__}
    numbers = {name: int(WIRE[name]) for name in ("slot", "gas_limit", "gas_used", "num_tx", "block_number")}
    times = {"timestamp": 1712688863, "timestamp_ms": 1712688863194, "optimistic_submission": True}
    assert found == {**WIRE, **numbers, **times}
    assert decode_payloads(body())[0].value == WIRE["value"]


def test_numbers_may_be_numbers() -> None:
    assert decode_bids(body(slot=8822070, num_tx=128)) == decode_bids(body())


def test_no_wei_is_lost() -> None:
    assert decode_payloads(body(value=MOST_WEI))[0].value == MOST_WEI


@pytest.mark.parametrize(
    ("changes", "milliseconds"),
    [
        ({}, 1712688863194),
        ({"timestamp_ms": ...}, 1712688863000),
        ({"timestamp_ms": "0"}, 1712688863000),
        ({"timestamp": ..., "timestamp_ms": ...}, 0),
    ],
)
def test_older_relays_tell_seconds_or_nothing(changes: dict[str, Any], milliseconds: int) -> None:
    assert decode_bids(body(**changes))[0].received_ms == milliseconds


def test_what_a_relay_does_not_say_is_not_false() -> None:
    assert decode_bids(body(optimistic_submission=...))[0].optimistic_submission is None


def test_nothing_is_a_list_of_nothing() -> None:
    assert decode_bids(b"[]") == decode_payloads(b"[]") == []


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
        body(value="1e18"),
        body(value=""),
        body(value="٣"),
        body(value="9" * 79),
        body(value=1.5),
        body(block_hash="0x12"),
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
    for decode in (decode_bids, decode_payloads):
        with pytest.raises(MalformedRows):
            decode(answer)


def test_a_block_that_is_sent_again_is_another_bid_and_the_same_payload() -> None:
    assert identity(bid(10, 1, 100)) != identity(bid(10, 1, 101))
    assert identity(bid(10, 1, 100)) == identity(bid(10, 1, 100, gas_used=5))
    assert identity(payload(10, 1)) == identity(payload(10, 1, value="5"))
    assert identity(payload(10, 1)) != identity(payload(10, 2))
