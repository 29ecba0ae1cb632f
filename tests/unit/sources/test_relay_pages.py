"""What answers of relays prove."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.coverage.intervals import Intervals
from regendata.exceptions import MalformedRows, TruncatedAnswer, UnknownRelay
from regendata.sources.mev_boost import answers
from regendata.sources.mev_boost.columns import columns_of
from regendata.sources.mev_boost.pages import PayloadWalk, allowed_page, check_bids
from regendata.sources.mev_boost.relays import IN_SERVICE, RELAYS, relays_named
from regendata.sources.mev_boost.rows import Payload, Row
from tests.support.mev_rows import bid, payload, rows_of

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def walk_through(
    served: list[Payload], begin: int, end: int, page: int, honoured: int
) -> tuple[list[Row], list[tuple[int, int]]]:
    """Ask a server that gives ``honoured`` rows at most, whatever page it is asked for."""
    walk, proved = PayloadWalk(begin, end, page), []
    found: list[Row] = []
    while not walk.done:
        cursor = int(walk.query["cursor"])
        rows = [row for row in served if row.slot <= cursor][: min(page, honoured)]
        answer = walk.take(columns_of("payloads", rows))
        found.extend(rows_of("payloads", answer.rows))
        proved.append(answer.slots)
    return found, proved


@given(
    st.lists(st.integers(0, 60), max_size=40),
    st.integers(0, 30),
    st.integers(1, 40),
    st.integers(3, 12),
    st.integers(3, 12),
)
@settings(max_examples=50)
def test_a_walk_finds_every_row_once(
    slots: list[int], begin: int, length: int, page: int, honoured: int
) -> None:
    """Also when the server gives shorter pages than it was asked for, and a slot has two rows."""
    kept = [*set(slots), *(slot for slot in set(slots) if slots.count(slot) > 1)]
    served = [payload(slot, number) for number, slot in enumerate(sorted(kept, reverse=True))]
    found, proved = walk_through(served, begin, begin + length, page, honoured)
    assert found == [row for row in served if begin <= row.slot < begin + length]
    assert Intervals.from_pairs(proved) == Intervals.of((begin, begin + length))
    assert sum(end - first for first, end in proved) == length


def test_a_slot_with_more_rows_than_a_page_is_not_proved() -> None:
    walk = PayloadWalk(1, 10, 2)
    with pytest.raises(TruncatedAnswer, match="slot 9 has 2 payloads or more"):
        walk.take(columns_of("payloads", [payload(9, 1), payload(9, 2)]))
    assert walk.left == (1, 10)


@pytest.mark.parametrize("slots", [[3, 5], [5, 6, 4]])
def test_rows_that_are_not_newest_first_prove_nothing(slots: list[int]) -> None:
    """Oldest first, a page would hide what lies between it and the cursor."""
    walk = PayloadWalk(1, 10, 5)
    with pytest.raises(MalformedRows, match="newest first"):
        walk.take(columns_of("payloads", [payload(slot) for slot in slots]))
    assert walk.left == (1, 10)


def test_rows_above_the_cursor() -> None:
    with pytest.raises(MalformedRows, match="slot 12 is above the cursor 9"):
        PayloadWalk(1, 10, 5).take(columns_of("payloads", [payload(12)]))


def test_bids_are_all_of_the_slot_asked_for() -> None:
    same, other = columns_of("bids", [bid(5), bid(5)]), columns_of("bids", [bid(5), bid(6)])
    check_bids(same, 5, None)
    check_bids(columns_of("bids", []), 5, 1)
    with pytest.raises(MalformedRows, match="asked for slot 5, got a bid for slot 6"):
        check_bids(other, 5, None)
    with pytest.raises(TruncatedAnswer, match="2 bids, as many as one answer holds"):
        check_bids(same, 5, 2)


def test_the_page_a_refusal_allows() -> None:
    assert allowed_page("HTTP 400: maximum limit is 100") == 100
    assert allowed_page("HTTP 400: invalid limit argument") is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"code":400,"message":"maximum limit is 200"}', "maximum limit is 200"),
        (b"maximum limit is 500\n", "maximum limit is 500"),
        (b"<html><head><title>502 Bad\n Gateway</title></head>", r"a web page, '502 Bad\n Gateway'"),
        (b"<html><body>", "a web page"),
        (b'{"code":', '{"code":'),
        (b'{"message": 5}', '{"message": 5}'),
        (b"\xff\xfe", "��"),
        (b"", ""),
    ],
)
def test_words_of_errors(body: bytes, words: str) -> None:
    assert answers.words_of(body) == words
    assert len(answers.words_of(body * 1000)) <= 160


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2020 00:00:30 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert answers.retry_after(header, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "final", "slow_down"),
    [(400, True, False), (404, True, False), (429, False, True), (503, False, True)],
)
def test_what_waiting_mends(status: int, final: bool, slow_down: bool) -> None:
    found = answers.refusal(status, {"retry-after": "3"}, b"no", NOW)
    assert (found.final, found.slow_down, found.words) == (final, slow_down, f"HTTP {status}: no")
    assert found.retry_after_s == (None if final else 3.0)


def test_the_registry() -> None:
    assert [relay.name for relay in relays_named([])] == list(IN_SERVICE)
    assert {name: relay.name for name, relay in RELAYS.items()} == {name: name for name in RELAYS}
    assert len({relay.host for relay in RELAYS.values()}) == len(RELAYS) > len(IN_SERVICE) >= 10
    assert [relay.name for relay in relays_named(["titan", "manifold"])] == ["titan", "manifold"]
    with pytest.raises(UnknownRelay, match="no relay moon; known: flashbots, ultrasound"):
        relays_named(["titan", "moon"])


def test_lifetimes() -> None:
    assert RELAYS["titan"].lifetime.within(8_280_000, 8_280_300) == Intervals.of((8_280_205, 8_280_300))
    ethical = RELAYS["bloxroute_ethical"]
    assert ethical.why_ended
    assert not ethical.lifetime.within(7_200_000, 8_000_000)
    assert all((relay.ended is None) == (relay.why_ended == "") for relay in RELAYS.values())
