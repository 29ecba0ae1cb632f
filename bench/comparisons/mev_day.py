"""A day of Ethereum's mainnet on paper: rows, bytes, seconds and money, from rates measured here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench import prices, relay_answers
from bench.comparisons.bids import BIDS_PER_SLOT, SLOTS, cpu_seconds, typed_object
from bench.context import Bench
from bench.result import Line, Result, Table
from regendata.coverage.slots import DAY_HOURS, HOUR_SLOTS
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import mev_boost as warehouse
from regendata.hooks.warehouse.mev_days import ensure_partition
from regendata.landing.mev_boost import store
from regendata.sources.mev_boost.blocks import dated
from regendata.sources.mev_boost.objects import Unit
from regendata.sources.mev_boost.tables import table_of

_GIB = 1 << 30
#: Bytes of a bid as BigQuery counts them: 8 per number and moment, 2 and its letters per text, 1 per flag.
_BIGQUERY_ROW = 8 * 9 + (2 + 9) + 2 * (2 + 66) + 2 * (2 + 98) + (2 + 42) + (2 + 18) + 1
#: What each hourly MERGE reads of the day so far, on average half of it, and of the hour's staged rows.
_MERGE_READS = 0.5


@dataclass(frozen=True)
class Day:
    """What is assumed of a day.

    :param relays: that are asked, each with so many bids in every slot.
    """

    relays: int = 8
    bids_per_slot: int = 700

    @property
    def slots(self) -> int:
        return DAY_HOURS * HOUR_SLOTS

    @property
    def bids(self) -> int:
        return self.relays * self.slots * self.bids_per_slot

    @property
    def objects(self) -> int:
        return self.relays * DAY_HOURS * 2


@dataclass(frozen=True)
class Rates:
    """What was measured: CPU seconds and bytes per bid made into an object, seconds per bid loaded."""

    make_s: float
    make_bytes: float
    load_s: float

    @classmethod
    def measure(cls) -> Rates:
        bodies = relay_answers.answers(SLOTS, BIDS_PER_SLOT)
        hour = relay_answers.fetched(bodies)
        seconds = cpu_seconds(lambda: typed_object(bodies))
        rows = dated("bids", table_of(hour), [])
        unit = Unit("bids", "bench", relay_answers.HOUR)
        with connect() as conn:
            store.prepare(conn)
            ensure_partition(conn, "bids", unit.hour)
            began = time.perf_counter()
            with conn.transaction():
                warehouse.replace_hour(conn, unit, rows)
            loaded = time.perf_counter() - began
        count = rows.num_rows
        return cls(seconds / count, len(typed_object(bodies)) / count, loaded / count)


def compare(bench: Bench, day: Day | None = None) -> Result:
    """Measure the rates and multiply."""
    day, rates = day or Day(), Rates.measure()
    bench.tell(f"a day of {day.relays} relays with {day.bids_per_slot} bids in each slot")
    cpu, loading = day.bids * rates.make_s, day.bids * rates.load_s
    rows = [("bids", f"{day.bids:,}"), ("objects", f"{day.objects:,}")]
    rows += [("bytes of objects", f"{day.bids * rates.make_bytes / 1e9:,.2f} GB")]
    rows += [("making objects", f"{cpu:,.0f} s of CPU"), ("loading into Postgres", f"{loading:,.0f} s")]
    rows += [(name, f"{dollars:,.2f} $") for name, dollars in costs(day, rates)]
    busy = (cpu + loading) / 86_400
    return Result(
        lines=[Line("a mainnet day: share of it one core works", "", f"{cpu + loading:,.0f} s", busy, "")],
        samples={"rates": vars(rates), "day": vars(day)},
        tables=[Table("A day on mainnet, by simulation", ("what", "how much"), rows), _price_table()],
        notes=["assumed: relays and bids per slot; measured: the rest; payloads weigh nothing beside bids"],
    )


def costs(day: Day, rates: Rates) -> Iterator[tuple[str, float]]:
    """US dollars by list prices; storage for a month of one day's rows."""
    object_gb = day.bids * rates.make_bytes / 1e9
    table_gib = day.bids * _BIGQUERY_ROW / _GIB
    read_tib = table_gib * (1 + DAY_HOURS * _MERGE_READS) / 1024
    yield "Cloud Storage, a month of this day", object_gb * prices.GCS_STORAGE.dollars
    yield "Cloud Storage, writing it", day.objects * prices.GCS_WRITE.dollars
    yield "Spaces, a month of this day", object_gb * 1e9 / _GIB * prices.SPACES_STORAGE.dollars
    yield "BigQuery, a month of this day", table_gib * prices.BIGQUERY_STORAGE.dollars
    yield "BigQuery, at most for its 24 MERGEs", read_tib * prices.BIGQUERY_QUERY.dollars


def _price_table() -> Table:
    rows = [(name, f"{one.dollars:g} $ per {one.unit}", one.seen) for name, one in prices.ALL.items()]
    return Table("List prices", ("what", "price", "seen"), rows)
