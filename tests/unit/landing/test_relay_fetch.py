"""Fetching from relays with every trouble there is, on a clock that jumps."""

from __future__ import annotations

import asyncio
import gzip
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from regendata.coverage.intervals import Intervals
from regendata.coverage.slots import HOUR_S, slots_of
from regendata.landing.relays import fetch as fetching
from regendata.landing.relays.fetch import as_facts
from regendata.sources.mev_boost.plan import ENDPOINTS, Target
from regendata.sources.mev_boost.relays import RELAYS, Relay
from sandbox.layout import REPOSITORY
from sandbox.upstreams.relay_rows import offer_real
from tests.support.mev_rows import identity
from tests.support.relays import Memory, RelayWorld, truth
from tests.support.virtual_time import run

REAL_DATA = Path(os.environ.get("REGENDATA_REAL_DATA") or REPOSITORY.parent / "shared" / "data") / "mev_boost"
FIRST = slots_of(475_000)[0]
NAMES = ("flashbots", "titan", "bloxroute_max_profit")


def relays(names: Iterable[str] = NAMES, rate: float = 2.0) -> list[Relay]:
    return [replace(RELAYS[name], requests_per_s=rate) for name in names]


def all_of(slots: Intervals, names: Iterable[str] = NAMES) -> dict[Target, Intervals]:
    return {(name, endpoint): slots for name in names for endpoint in ENDPOINTS}


def check_all_there(memory: Memory, gaps: dict[Target, Intervals], folder: Path | None = None) -> None:
    """No gap, no repeat, every row as the relay has it."""
    for target, slots in gaps.items():
        assert memory.covered[target] - slots == Intervals.empty() or target[1] == "payloads"
        assert not slots - memory.covered[target], target
        assert not memory.failed.get(target, Intervals.empty()), target
        expected = {identity(row): msgspec.json.encode(row) for row in truth(target, slots, folder)}
        found = {
            key: msgspec.json.encode(row)
            for key, row in memory.rows.get(target, {}).items()
            if row.slot in slots
        }
        assert found == expected, target
        assert len(expected) > 0


def test_all_is_found_once_within_every_budget_that_is_used(tmp_path: Path) -> None:
    world, memory = RelayWorld(tmp_path, {"per_second": 2.0, "latency_s": 0.15}), Memory()
    gaps = all_of(Intervals.of((FIRST + 230, FIRST + 330)))
    tallies, seconds = run(world.fetch(relays(), gaps, memory))
    check_all_there(memory, gaps)
    assert world.too_many() == 0
    assert memory.repeats == 0
    for name in NAMES:
        assert world.busiest_window(name) <= 2 * 2.0
        assert world.rate(name) >= 0.95 * 2.0
    # Side by side, the three of them take as long as one.
    assert seconds < 1.05 * (100 + 4) / 2.0
    assert as_facts(tallies)["unknown"] == {}
    assert as_facts(tallies)["covered"] >= 2 * 3 * 100


def test_with_every_trouble_mixed_nothing_is_lost_or_twice(tmp_path: Path) -> None:
    """429, 5xx, pages, stalls, connections that break, cut and unordered answers, a head that moves."""
    slots = Intervals.of((FIRST, FIRST + 80))
    settings = {"per_second": 2.0, "unrest_pct": 25, "head": FIRST + 79, "head_moves_every": 5}
    world, memory = RelayWorld(tmp_path, settings), Memory()
    gaps = all_of(slots)
    tallies, _ = run(world.fetch(relays(), gaps, memory))
    troubles = {one.status for one in world.stand_in.log}
    assert {200, 429, 500, 502} <= troubles
    unknown = {target: tally.unknown for target, tally in tallies.items() if tally.unknown}
    assert {target: slots.size for target, slots in memory.failed.items() if slots} == unknown
    settings["unrest_pct"] = 0
    again = {target: slots - memory.covered[target] for target in gaps}
    run(world.fetch(relays(), {target: gap for target, gap in again.items() if gap}, memory))
    check_all_there(memory, gaps)
    assert world.too_many() == 0


def test_a_relay_that_is_dead_for_an_hour(tmp_path: Path) -> None:
    """Its slots are unknown for so long, with the reason; the others do not wait for it."""
    settings = {"dead": {"titan": [0, HOUR_S]}}
    world, memory = RelayWorld(tmp_path, settings), Memory()
    gaps = all_of(Intervals.of((FIRST, FIRST + 60)))

    async def first_while_dead_then_alive() -> None:
        await world.fetch(relays(), gaps, memory)
        for target, slots in gaps.items():
            found = memory.failed.get(target, Intervals.empty())
            assert found == (slots if target[0] == "titan" else Intervals.empty())
        assert asyncio.get_running_loop().time() < 300
        await asyncio.sleep(HOUR_S)
        await world.fetch(
            relays(), {target: memory.failed[target] for target in gaps if memory.failed.get(target)}, memory
        )

    run(first_while_dead_then_alive())
    check_all_there(memory, gaps)
    assert any(error.startswith("HTTP 503: upstream connect error") for error in memory.errors)
    assert any(error.startswith("not asked any more after failures in a row") for error in memory.errors)
    dead = [one for one in world.stand_in.log if one.status == 503]
    assert 0 < len(dead) <= 70


def test_a_relay_with_a_smaller_page_than_thought(tmp_path: Path) -> None:
    world, memory = RelayWorld(tmp_path), Memory()
    gaps: dict[Target, Intervals] = {("bloxroute_max_profit", "payloads"): Intervals.of((FIRST, FIRST + 900))}
    asked = [replace(RELAYS["bloxroute_max_profit"], payload_page=200)]
    run(world.fetch(asked, gaps, memory))
    check_all_there(memory, gaps)
    assert [one.status for one in world.stand_in.log].count(400) == 1


def test_a_refusal_is_said_in_the_relays_own_words(tmp_path: Path) -> None:
    world, memory = RelayWorld(tmp_path), Memory()
    gaps: dict[Target, Intervals] = {("aestus", "bids"): Intervals.of((FIRST, FIRST + 3))}
    asked = [replace(RELAYS["aestus"], user_agent="python-httpx/0.28", connections=1)]
    run(world.fetch(asked, gaps, memory))
    assert memory.failed["aestus", "bids"] == gaps["aestus", "bids"]
    assert set(memory.errors) == {"HTTP 403: forbidden"}


def test_rows_are_stored_before_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_ROWS", 40)
    world, memory = RelayWorld(tmp_path), Memory()
    gaps = all_of(Intervals.of((FIRST, FIRST + 150)), ["ultrasound"])
    run(world.fetch(relays(["ultrasound"]), gaps, memory))
    check_all_there(memory, gaps)
    assert memory.repeats == 0
    assert memory.largest < 40 + 200


def test_gaps_close_together_take_one_request(tmp_path: Path) -> None:
    world, memory = RelayWorld(tmp_path), Memory()
    gaps: dict[Target, Intervals] = {
        ("ultrasound", "payloads"): Intervals.from_values(range(FIRST, FIRST + 200, 10))
    }
    run(world.fetch(relays(["ultrasound"]), gaps, memory))
    check_all_there(memory, gaps)
    assert len(world.stand_in.log) <= 2


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no real rows at {REAL_DATA} (set REGENDATA_REAL_DATA)")
def test_real_rows_of_five_days_come_whole(tmp_path: Path) -> None:
    """Forty thousand slots of payloads in pages, some bids, every tenth request in trouble."""
    offer_real(REAL_DATA.parent, tmp_path)
    settings = {"unrest_pct": 10, "head": 8_822_072}
    world, memory = RelayWorld(tmp_path, settings), Memory()
    names = ("titan", "eden", "aestus", "manifold")
    days, hour = Intervals.of((8_781_722, 8_822_073)), Intervals.of((8_821_700, 8_821_740))
    gaps: dict[Target, Intervals] = {(name, "payloads"): days for name in names} | {("titan", "bids"): hour}
    while gaps:
        run(world.fetch(relays(names, rate=50), gaps, memory))
        gaps = {target: slots for target, slots in memory.failed.items() if slots}
    check_all_there(memory, {(name, "payloads"): days for name in names}, tmp_path)
    found = sum(len(memory.rows[name, "payloads"]) for name in names)
    assert found == sum(map(_lines, names))


def _lines(name: str) -> int:
    packed = (REAL_DATA / "proposer_payload_delivered" / f"{name}.ndjson.gz").read_bytes()
    return len(gzip.decompress(packed).splitlines())
