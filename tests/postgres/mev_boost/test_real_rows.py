"""Two real hours of nine relays: every row arrives, the chain judges them, and builders have their names."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

import pytest

from regendata.coverage.slots import slots_of
from regendata.hooks.warehouse.mev_boost import write_blocks
from regendata.landing.mev_boost.repair import finish_day
from regendata.sources.mev_boost.blocks import Block, readable
from regendata.sources.mev_boost.rows import Row, decode
from sandbox.layout import REPOSITORY
from tests.postgres.mev_boost.conftest import MevWorld
from tests.support import mev_rows

REAL = Path(os.environ.get("REGENDATA_REAL_DATA") or REPOSITORY.parent / "shared" / "data") / "mev_boost"
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        not REAL.is_dir(), reason=f"no real rows of relays at {REAL} (set REGENDATA_REAL_DATA)"
    ),
]
#: 2024-04-04 06:00 and 07:00 UTC.
HOURS = (475_614, 475_615)
FIRST, END = slots_of(HOURS[0])[0], slots_of(HOURS[1])[1]


def _lines(name: str) -> Iterator[str]:
    with gzip.open(REAL / name, "rt") as file:
        yield from file


@pytest.fixture(scope="module")
def delivered() -> dict[str, Sequence[Row]]:
    """Payloads of the hours by relay."""
    found = {}
    for path in sorted((REAL / "proposer_payload_delivered").glob("*.ndjson.gz")):
        lines = [line for line in _lines(str(path)) if FIRST <= int(json.loads(line)["slot"]) < END]
        found[path.name.removesuffix(".ndjson.gz")] = decode("payloads", f"[{','.join(lines)}]".encode())
    return found


@pytest.fixture(scope="module")
def blocks(delivered: dict[str, Sequence[Row]]) -> list[Block]:
    """Canonical blocks of the hours."""
    wanted = {row.block_number for rows in delivered.values() for row in rows}
    (path,) = REAL.glob("crypto_ethereum_blocks_*.csv.gz")
    rows = csv.DictReader(_lines(path.name))
    return [
        Block(int(row["number"]), row["hash"], _moment(row["timestamp"]), readable(row["extra_data"]))
        for row in rows
        if int(row["number"]) in wanted
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=timezone.utc)


def test_real_hours_are_stored_and_judged(
    mev: MevWorld, delivered: dict[str, Sequence[Row]], blocks: list[Block]
) -> None:
    write_blocks(mev.conn, blocks)
    for relay, rows in delivered.items():
        for hour in HOURS:
            begin, end = slots_of(hour)
            part = [row for row in rows if begin <= row.slot < end]
            mev.store(mev_rows.fetched(part, relay=relay, hour=hour))
    _is_stored(mev, delivered)
    _is_judged(mev, delivered, blocks)
    _builders_have_names(mev)


def _is_stored(mev: MevWorld, delivered: dict[str, Sequence[Row]]) -> None:
    came = {(relay, row.slot, row.block_hash): row for relay, rows in delivered.items() for row in rows}
    assert len(came) > 500
    assert mev.digest("payloads") == mev_rows.digest((key[0], row) for key, row in came.items())


def _is_judged(mev: MevWorld, delivered: dict[str, Sequence[Row]], blocks: list[Block]) -> None:
    hashes = {block.number: block.hash for block in blocks}
    expected = Counter(
        "landed" if hashes[row.block_number] == row.block_hash else "another block"
        for rows in delivered.values()
        for row in rows
    )
    found = mev.warehouse.rows("SELECT verdict, count(*) FROM mev_boost.payload_truth GROUP BY 1")
    assert dict(found) == dict(expected)
    assert mev.warehouse.value("SELECT count(*) FROM mev_boost.slot_deliveries WHERE relay_count > 1") > 100


def _builders_have_names(mev: MevWorld) -> None:
    """Names from signatures are those that a hand-kept list of keys has, as far as it knows them."""
    finish_day(mev.conn, datetime.fromtimestamp(HOURS[0] * 3_600, timezone.utc).date(), mev.stores)
    with (REAL / "mapping_pubkey_builder_name.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["pubkey"]: row["builder_name"] for row in csv.DictReader(file)}
    named = mev.warehouse.rows(
        "SELECT builder_pubkey, builder_name FROM mev_boost.builder_names WHERE builder_name IS NOT NULL"
    )
    both = [(name, listed[key]) for key, name in named if key in listed]
    assert len(both) > 10
    same = [ours[:4].lower() == theirs.split(".")[0][:4].lower() for ours, theirs in both]
    assert sum(same) / len(same) > 0.9, sorted(set(both))
