"""Exports of blocks in the sandbox agree with what its relays tell, and are late as real ones are."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime, timezone

import pytest

from regendata.coverage.slots import as_moment
from regendata.sources.mev_boost.blocks import read_blocks
from sandbox import blocks
from sandbox.upstreams.relay_rows import MadeUpRows

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def lines() -> list[blocks.Line]:
    return list(blocks.made_up(NOW))


def test_blocks_are_those_the_relays_delivered(lines: list[blocks.Line]) -> None:
    found = {block.number: block for block in read_blocks(blocks._file(lines))}
    assert len(found) == len(lines)
    rows = [json.loads(row) for row in MadeUpRows("ultrasound").payloads(_newest(lines), 1_000)]
    hashes = [found[int(row["block_number"])].hash == row["block_hash"] for row in rows]
    assert 0.99 < sum(hashes) / len(hashes) < 1
    moments = [found[int(row["block_number"])].timestamp == as_moment(int(row["slot"])) for row in rows]
    assert all(moments)


def test_the_newest_blocks_are_late(lines: list[blocks.Line]) -> None:
    newest = max(line[1] for line in lines)
    assert newest == "2026-03-04 01:19:59 UTC"


def test_every_day_has_a_file(lines: list[blocks.Line]) -> None:
    assert list(blocks._by_day(lines)) == [date(2026, 3, 3), date(2026, 3, 4)]


def test_real_blocks_are_taken_as_they_are() -> None:
    text = "number,timestamp,hash,parent_hash,extra_data\n5,2024-04-04 04:24:47 UTC,0xab,0x1,0x6a65746c64\n"
    (found,) = read_blocks(blocks._file(blocks._real(text)))
    assert (found.number, found.hash, found.extra_data) == (5, "0xab", "jetld")
    assert gzip.decompress(blocks._file([])).decode().strip() == ",".join(blocks.COLUMNS)


def _newest(lines: list[blocks.Line]) -> int:
    return int(lines[-1][0]) + 4_000_000
