"""Blocks that come late, blocks that are replaced, and what analysts read of relays and builders."""

from __future__ import annotations

import gzip
import statistics
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from regendata import settings
from regendata.coverage.slots import slots_of, start_of
from regendata.exceptions import BadSourceAnswer
from regendata.hooks.warehouse import final_days
from regendata.landing.mev_boost.repair import Repaired, finish_day, repair
from regendata.landing.relays import run
from regendata.landing.relays.run import SOURCE
from tests.postgres.mev_boost.conftest import MevWorld
from tests.support.mev_rows import (
    ANSWERS,
    DAY,
    FIRST,
    HOUR,
    HOURS,
    bid,
    bids,
    block_of,
    fetched,
    payload,
    payloads,
    received_ms,
)

pytestmark = pytest.mark.postgres


def test_late_blocks_are_filled_in_and_no_row_waits_for_them(mev: MevWorld) -> None:
    rows = bids([FIRST, FIRST + 1])
    mev.store(fetched(rows))
    assert repair(mev.conn, HOURS, mev.stores) == Repaired(blocks=0, hours=0, waiting=6)
    mev.export([block_of(rows[0])])
    assert repair(mev.conn, HOURS, mev.stores) == Repaired(blocks=1, hours=1, waiting=3)
    found = mev.warehouse.rows("SELECT slot, block_timestamp FROM mev_boost.bids ORDER BY 1, 2")
    moment = datetime.fromtimestamp(start_of(FIRST), timezone.utc)
    assert found == [(FIRST, moment)] * 3 + [(FIRST + 1, None)] * 3
    assert repair(mev.conn, HOURS, mev.stores) == Repaired(blocks=0, hours=0, waiting=3)


def test_blocks_that_are_known_are_used_at_once(mev: MevWorld) -> None:
    rows = payloads([FIRST, FIRST + 1])
    mev.export([block_of(rows[0]), block_of(rows[1], hash="0x" + "f" * 64)])
    repair(mev.conn, HOURS, mev.stores)
    assert mev.store(fetched(rows)).undated == 0
    flags = mev.warehouse.rows("SELECT slot, reorged FROM mev_boost.payloads ORDER BY 1")
    assert flags == [(FIRST, False), (FIRST + 1, True)]


def test_a_block_that_is_replaced_changes_the_flag(mev: MevWorld) -> None:
    mev.store(fetched([payload(FIRST)]))
    flags = []
    for canonical in (payload(FIRST), payload(FIRST, 7), payload(FIRST)):
        mev.export([block_of(canonical)])
        repair(mev.conn, HOURS, mev.stores)
        flags.append(mev.warehouse.value("SELECT reorged FROM mev_boost.payloads"))
    assert flags == [False, True, False]


def test_what_is_no_export_is_refused(mev: MevWorld) -> None:
    client: Any = mev.spaces.client()
    key = "mev_boost/blocks/date=2024-04-09/blocks.csv.gz"
    client.put_object(Bucket=mev.spaces.bucket, Key=key, Body=gzip.compress(b"a,b\n1,2\n"))
    with pytest.raises(BadSourceAnswer, match="no CSV of blocks"):
        repair(mev.conn, HOURS, mev.stores)


def test_every_verdict_on_payloads(mev: MevWorld) -> None:
    rows = payloads(range(FIRST, FIRST + 4))
    later = datetime.fromtimestamp(start_of(FIRST + 9), timezone.utc)
    known = [block_of(rows[0]), block_of(rows[1], hash="0x0"), block_of(rows[2], timestamp=later)]
    mev.export(known)
    mev.store(fetched(rows))
    repair(mev.conn, HOURS, mev.stores)
    verdicts = mev.warehouse.rows("SELECT verdict FROM mev_boost.payload_truth ORDER BY slot")
    assert [verdict for (verdict,) in verdicts] == ["landed", "another block", "other time", "no block yet"]


def test_slots_that_several_relays_delivered(mev: MevWorld) -> None:
    mev.store(fetched([payload(FIRST), payload(FIRST + 1)]))
    mev.store(fetched([payload(FIRST), payload(FIRST + 1, 3, value="5")], relay="titan"))
    mev.store(fetched([payload(FIRST)], relay="aestus"))
    found = mev.warehouse.rows("SELECT * FROM mev_boost.slot_deliveries ORDER BY slot")
    value = Decimal(payload(FIRST).value)
    assert found == [
        (FIRST, ["aestus", "flashbots", "titan"], 3, 1, value, value),
        (FIRST + 1, ["flashbots", "titan"], 2, 2, Decimal(5), Decimal(payload(FIRST + 1).value)),
    ]


def test_statistics_of_relays_against_plain_python(mev: MevWorld) -> None:
    for relay, (delivered, received) in ANSWERS.items():
        mev.store(fetched(delivered, relay=relay))
        mev.store(fetched(received, relay=relay))
    mev.export([block_of(row) for row in payloads(range(FIRST, FIRST + 6))])
    repair(mev.conn, HOURS, mev.stores)
    finish_day(mev.conn, DAY, mev.stores)
    finish_day(mev.conn, DAY, mev.stores)
    found = mev.warehouse.rows(
        "SELECT relay, delivered_slots, delivered_share, sole_delivered_slots, reorged_payloads, "
        "unverified_payloads, delivered_value, bids, bid_slots, bidding_builders, sole_blocks, "
        "median_lateness_ms FROM mev_boost.relay_days ORDER BY relay"
    )
    assert found == [_expected(relay) for relay in sorted(ANSWERS)]


def _expected(relay: str) -> tuple[Any, ...]:
    delivered, received = ANSWERS[relay]
    slots: dict[int, set[str]] = defaultdict(set)
    blocks: dict[str, set[str]] = defaultdict(set)
    for name, (paid, offered) in ANSWERS.items():
        for row in paid:
            slots[row.slot].add(name)
        for row in offered:
            blocks[row.block_hash].add(name)
    own = {row.slot for row in delivered}
    lateness = [received_ms(row) - start_of(row.slot) * 1000 for row in received if received_ms(row)]
    return (
        relay,
        len(own),
        round(Decimal(len(own)) / len(slots), 6),
        sum(slots[slot] == {relay} for slot in own),
        sum(row.block_hash != payload(row.slot).block_hash for row in delivered if row.slot < FIRST + 6),
        sum(row.slot >= FIRST + 6 for row in delivered),
        sum(int(row.value) for row in delivered),
        len(received),
        len({row.slot for row in received}),
        len({row.builder_pubkey for row in received}),
        sum(blocks[hash_] == {relay} for hash_ in {row.block_hash for row in received}),
        statistics.median_low(lateness) if lateness else None,
    )


def test_a_final_day_is_computed_again_after_a_repair_that_was_killed(mev: MevWorld) -> None:
    """It had loaded the hour with its block, and computed nothing yet."""
    mev.store(fetched(payloads([FIRST])))
    as_of = final_days.moment(mev.conn)
    finish_day(mev.conn, DAY, mev.stores)
    final_days.close(mev.conn, SOURCE, DAY, ["flashbots"], 300, as_of)
    unverified = "SELECT unverified_payloads FROM mev_boost.relay_days"
    options, slots = settings.load(), slots_of(HOUR)
    assert run.repair_hours(slots, options)["hours"] == 0
    assert mev.warehouse.value(unverified) == 1
    mev.export([block_of(payload(FIRST))])
    repair(mev.conn, HOURS, mev.stores)
    assert run.repair_hours(slots, options) == {"blocks": 0, "hours": 0, "waiting": 0}
    assert mev.warehouse.value(unverified) == 0
    computed = mev.warehouse.value("SELECT computed_at FROM mev_boost.relay_days")
    run.repair_hours(slots, options)
    assert mev.warehouse.value("SELECT computed_at FROM mev_boost.relay_days") == computed


def test_lag_is_counted_from_the_first_relay_with_the_block(mev: MevWorld) -> None:
    for relay, late in {"flashbots": 0, "titan": 40}.items():
        mev.store(fetched([bid(FIRST, block, 100 + late) for block in range(3)], relay=relay))
    mev.store(fetched([bid(FIRST, 8, 0)], relay="aestus"))
    finish_day(mev.conn, DAY, mev.stores)
    found = mev.warehouse.rows("SELECT relay, median_lag_ms FROM mev_boost.relay_days ORDER BY relay")
    assert found == [("aestus", None), ("flashbots", 0), ("titan", 40)]


def test_builders_have_the_name_most_of_their_blocks_are_signed_with(mev: MevWorld) -> None:
    signed = ["beaverbuild.org", "beaverbuild.org", "Titan (titanbuilder.xyz)", "geth"]
    rows = [payload(FIRST + number) for number in range(4)]
    nameless = payload(FIRST + 4, 3)
    mev.export(
        [block_of(row, extra_data=text) for row, text in zip([*rows, nameless], [*signed, "x"], strict=True)],
    )
    repair(mev.conn, HOURS, mev.stores)
    mev.store(fetched([*rows, nameless]))
    mev.store(fetched(rows, relay="titan"))
    finish_day(mev.conn, DAY, mev.stores)
    names: Sequence[Any] = mev.warehouse.rows(
        "SELECT builder_pubkey, builder_name, signed_blocks, landed_blocks FROM mev_boost.builder_names"
    )
    assert set(names) == {
        (rows[0].builder_pubkey, "beaverbuild", 2, 4),
        (nameless.builder_pubkey, None, 1, 1),
    }
    shown = mev.warehouse.rows(
        "SELECT slot, builder_name, relays, value_eth FROM mev_boost.last_day ORDER BY 1"
    )
    assert shown[0][:3] == (FIRST, "beaverbuild", ["flashbots", "titan"])
    assert shown[0][3] == round(Decimal(rows[0].value) / 10**18, 9)
    assert shown[4][:3] == (FIRST + 4, None, ["flashbots"])


def test_the_public_data_set_ends_after_28_days(mev: MevWorld) -> None:
    old, kept = HOUR - 28 * 24, HOUR - 27 * 24
    for hour in (HOUR, old, kept):
        slot = slots_of(hour)[0]
        mev.store(fetched(payloads([slot]), hour=hour))
        mev.store(fetched([bid(slot)], hour=hour))
    for endpoint in ("payloads", "bids"):
        hours = mev.warehouse.rows(f"SELECT slot FROM mev_boost.public_{endpoint} ORDER BY 1")
        assert [slot for (slot,) in hours] == [slots_of(kept)[0], FIRST]
