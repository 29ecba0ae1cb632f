"""Fetch gaps: all relays at once, hour by hour, each hour stored before the next one is asked for."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from regendata.coverage.intervals import Intervals, Pair
from regendata.coverage.slots import hour_of, hours_of, slots_of
from regendata.exceptions import RelayTrouble
from regendata.hooks.relays import RelayClient
from regendata.sources.mev_boost.columns import together
from regendata.sources.mev_boost.plan import Target
from regendata.sources.mev_boost.rows import FetchedHour
from regendata.sources.mev_boost.tables import within

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows of one relay that are held before they are stored; a busy hour of bids is stored in several parts.
MOST_ROWS = 100_000
#: Hours with few payloads are stored so many at a time.
MOST_HOURS = 24

Done = TypeVar("Done")


class Sink(Protocol):
    """Takes what was found; one call at a time, outside the event loop."""

    def store(self, hours: Sequence[FetchedHour]) -> None:
        """Store rows and coverage, or raise; hours of one endpoint of one relay."""

    def unknown(self, target: Target, slots: Intervals, error: str) -> None:
        """Note slots that were asked for in vain."""


@dataclass
class Tally:
    """What became of one target's slots."""

    covered: int = 0
    rows: int = 0
    unknown: int = 0
    last_error: str = ""


@dataclass
class Pending:
    """Slots of one target that are proved and not stored yet."""

    target: Target
    slots: defaultdict[int, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    rows: list[pa.RecordBatch] = field(default_factory=list)
    held: int = 0

    def add(self, begin: int, end: int, rows: pa.RecordBatch) -> None:
        """Slots ``[begin, end)`` with all of their rows."""
        for hour in range(hour_of(begin), hour_of(end - 1) + 1):
            first, last = slots_of(hour)
            self.slots[hour].append((max(begin, first), min(end, last)))
        self.rows.append(rows)
        self.held += rows.num_rows

    @property
    def is_full(self) -> bool:
        return self.held >= MOST_ROWS or len(self.slots) > MOST_HOURS

    def take(self) -> list[FetchedHour]:
        """All of it, by hour; nothing is pending then."""
        name, endpoint = self.target
        slots, rows = self.slots, together(endpoint, self.rows)
        self.slots, self.rows, self.held = defaultdict(list), [], 0
        return [
            FetchedHour(
                endpoint,
                name,
                hour,
                Intervals.from_pairs(slots[hour]).pairs(),
                within(rows, [slots_of(hour)]),
            )
            for hour in sorted(slots)
        ]


@dataclass
class Writer:
    """Hands over to a sink in threads, so that relays are asked on meanwhile; one call at a time."""

    sink: Sink
    tallies: defaultdict[Target, Tally] = field(default_factory=lambda: defaultdict(Tally))
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def store(self, pending: Pending) -> None:
        hours = pending.take()
        if not hours:
            return
        await self._in_turn(partial(self.sink.store, hours))
        tally = self.tallies[pending.target]
        tally.covered += sum(end - begin for hour in hours for begin, end in hour.covered)
        tally.rows += sum(hour.rows.num_rows for hour in hours)

    async def unknown(self, target: Target, failed: Mapping[str, list[Pair]]) -> None:
        """:param failed: slots by error."""
        for error, pairs in failed.items():
            slots = Intervals.from_pairs(pairs)
            await self._in_turn(partial(self.sink.unknown, target, slots, error))
            tally = self.tallies[target]
            tally.unknown += slots.size
            tally.last_error = error

    async def _in_turn(self, call: Callable[[], Done]) -> Done:
        async with self.lock:
            return await asyncio.to_thread(call)


async def fetch(
    gaps: Mapping[Target, Intervals], clients: Mapping[str, RelayClient], sink: Sink
) -> dict[Target, Tally]:
    """Ask every relay for its gaps, all of them side by side.

    :returns: what became of each target's slots; every slot is either covered or unknown.
    :raises SourceUnavailable: the sink cannot store; what it took before stays.
    """
    writer = Writer(sink)
    by_relay: dict[str, list[tuple[Target, Intervals]]] = defaultdict(list)
    for target, gap in gaps.items():
        by_relay[target[0]].append((target, gap))
    await asyncio.gather(*(_relay(clients[name], work, writer) for name, work in by_relay.items()))
    return dict(writer.tallies)


async def _relay(client: RelayClient, work: list[tuple[Target, Intervals]], writer: Writer) -> None:
    for target, gap in work:
        endpoint = _bids if target[1] == "bids" else _payloads
        await endpoint(client, target, gap, writer)


async def _payloads(client: RelayClient, target: Target, gap: Intervals, writer: Writer) -> None:
    pending, failed = Pending(target), defaultdict[str, list[Pair]](list)
    for begin, end in _bridged(gap, client.page):
        left = end
        try:
            async for proved in client.payloads(begin, end):
                left = proved.slots[0]
                if proved.slots[0] < proved.slots[1]:
                    pending.add(*proved.slots, proved.rows)
                if pending.is_full:
                    await writer.store(pending)
        except RelayTrouble as error:
            failed[str(error)].extend(gap.within(begin, left).pairs())
    await writer.store(pending)
    await writer.unknown(target, failed)


def _bridged(gap: Intervals, page: int) -> Iterator[Pair]:
    """Newest first; gaps so close together that one page covers what lies between them are walked as one."""
    pairs = list(gap.pairs())
    while pairs:
        begin, end = pairs.pop()
        while pairs and begin - pairs[-1][1] < page:
            begin = pairs.pop()[0]
        yield begin, end


async def _bids(client: RelayClient, target: Target, gap: Intervals, writer: Writer) -> None:
    for hour in sorted(hours_of(gap).values(), reverse=True):
        await _bids_of(client, target, gap.within(*slots_of(hour)), writer)


async def _bids_of(client: RelayClient, target: Target, slots: Intervals, writer: Writer) -> None:
    """One hour's slots, as many at a time as the relay has connections."""
    pending, failed = Pending(target), defaultdict[str, list[Pair]](list)
    todo = slots.values()

    async def work() -> None:
        for slot in todo:
            try:
                pending.add(slot, slot + 1, await client.bids(slot))
            except RelayTrouble as error:
                failed[str(error)].append((slot, slot + 1))
            if pending.is_full:
                await writer.store(pending)

    await asyncio.gather(*(work() for _ in range(client.relay.connections)))
    await writer.store(pending)
    await writer.unknown(target, failed)


def as_facts(tallies: Mapping[Target, Tally]) -> dict[str, Any]:
    """Figures of one unit, over all relays and for each that has unknown slots."""
    return {
        "covered": sum(tally.covered for tally in tallies.values()),
        "rows": sum(tally.rows for tally in tallies.values()),
        "unknown": {
            f"{name} {endpoint}": tally.unknown
            for (name, endpoint), tally in sorted(tallies.items())
            if tally.unknown
        },
    }
