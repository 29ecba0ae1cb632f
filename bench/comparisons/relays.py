"""Asking ten relays side by side, each within its budget, beside one by one with a sleep; gaps of years."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import httpx
import numpy as np

from bench.context import Bench
from bench.measure import Side, alternate
from bench.result import Line, Result, at_least, at_most, samples
from regendata.coverage.intervals import Intervals
from regendata.hooks.relays import open_relays
from regendata.landing.relays.fetch import fetch
from regendata.sources.mev_boost.budget import OwnLedger
from regendata.sources.mev_boost.plan import Target
from regendata.sources.mev_boost.relays import IN_SERVICE, Relay, relays_named
from regendata.sources.mev_boost.rows import FetchedHour

#: Of the slowest relay, and of the others; what a relay takes to answer.
SLOW_RATE, RATE, LATENCY_S = 2.5, 5.0, 0.15
SLOTS = 25
#: One after the other takes so long that fewer are asked for.
SLOTS_ONE_BY_ONE = 3
FIRST_SLOT = 12_600_000
HOLES = 100_000


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """Relays that answer after a while and note when they were asked."""

    asked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked[request.url.host].append(time.monotonic())
        await asyncio.sleep(LATENCY_S)
        return httpx.Response(200, content=b"[]")


class Nowhere:
    """A sink that keeps nothing."""

    def store(self, hours: Sequence[FetchedHour]) -> None:
        """Nothing."""

    def unknown(self, target: Target, slots: Intervals, error: str) -> None:
        """Nothing."""


def compare(bench: Bench, slots: int = SLOTS) -> Result:
    """Seconds per slot on either side, what the slowest budget allows, and the slowest query on coverage."""
    relays = _relays()
    bench.tell(f"{len(relays)} relays, {slots} slots each, {LATENCY_S * 1000:.0f} ms away")
    wires: list[Wire] = []
    sides = {
        "one by one": Side(lambda: asyncio.run(_one_by_one(relays, SLOTS_ONE_BY_ONE))),
        "side by side": Side(lambda: asyncio.run(_side_by_side(relays, slots, wires))),
    }
    found = alternate(sides, bench.rounds, bench.budget_seconds)
    ours, theirs = found["side by side"].median, found["one by one"].median
    shares = [_share(wire, relay) for wire in wires for relay in relays]
    query = _slowest_query()
    return Result(
        lines=[
            Line(
                "slots of ten relays per second",
                f"{SLOTS_ONE_BY_ONE / theirs:.2f}",
                f"{slots / ours:.2f}",
                (slots / ours) / (SLOTS_ONE_BY_ONE / theirs),
                "x",
                at_least(5),
            ),
            Line(
                "time over the slowest budget's",
                "",
                str(found["side by side"]),
                ours / (slots / SLOW_RATE),
                "x",
                at_most(1.12),
            ),
            Line("permitted rate in use, least", "", "", 100 * min(shares), " %", at_least(95)),
            Line("slowest query, 10 million slots", "", "", 1000 * query, " ms", at_most(100)),
        ],
        samples=samples(found),
        notes=[f"one by one: {SLOTS_ONE_BY_ONE} slots of each relay, a sleep after each request"],
    )


def _relays() -> list[Relay]:
    found = relays_named(IN_SERVICE)
    return [
        replace(relay, requests_per_s=RATE if number else SLOW_RATE, connections=8)
        for number, relay in enumerate(found)
    ]


async def _one_by_one(relays: Sequence[Relay], slots: int) -> None:
    async with httpx.AsyncClient(transport=Wire()) as http:
        for relay in relays:
            for slot in range(slots):
                await http.get(f"{relay.base_url}/bids?slot={FIRST_SLOT + slot}")
                await asyncio.sleep(1 / relay.requests_per_s)


async def _side_by_side(relays: Sequence[Relay], slots: int, wires: list[Wire]) -> None:
    wires.append(Wire())
    ledger = OwnLedger(asyncio.get_running_loop().time)
    gaps: dict[Target, Intervals] = {
        (relay.name, "bids"): Intervals.of((FIRST_SLOT, FIRST_SLOT + slots)) for relay in relays
    }
    async with open_relays(relays, ledger, transport=wires[-1]) as clients:
        await fetch(gaps, clients, Nowhere())


def _share(wire: Wire, relay: Relay) -> float:
    """Of the rate that a relay allows, between its first request and its last."""
    asked = wire.asked[relay.host]
    return (len(asked) - 1) / (asked[-1] - asked[0]) / relay.requests_per_s


def _slowest_query() -> float:
    """Seconds of CPU of the slowest of five queries on ten million slots with a hundred thousand holes."""
    begins = np.arange(HOLES, dtype=np.int64) * 100
    covered = Intervals(np.stack((begins, begins + 99), axis=1).reshape(-1))
    wanted, part = Intervals.of((0, 100 * HOLES)), Intervals.of((50, 5_000_050))
    queries = (
        lambda: wanted - covered,
        lambda: covered | part,
        lambda: covered & part,
        lambda: covered.within(4_000_000, 6_000_000).size,
        lambda: (wanted - covered).split(64),
    )
    taken = []
    for query in queries:
        began = time.process_time()
        query()
        taken.append(time.process_time() - began)
    return max(taken)
