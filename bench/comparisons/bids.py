"""Bids from a relay's answers to an object, and into a table: JSON, gzip and INSERT beside Arrow and COPY."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import psycopg
from airflow.providers.postgres.hooks.postgres import PostgresHook
from psycopg import sql

from bench import relay_answers
from bench.context import Bench
from bench.measure import Side, Timings, alternate
from bench.result import Line, Result, at_least, at_most, samples
from regendata.hooks.postgres import WAREHOUSE, connect
from regendata.hooks.warehouse import mev_boost as warehouse
from regendata.hooks.warehouse.mev_days import ensure_partition
from regendata.landing.mev_boost import store
from regendata.sources.mev_boost.blocks import dated
from regendata.sources.mev_boost.objects import Unit, write_parquet
from regendata.sources.mev_boost.rows import FetchedHour
from regendata.sources.mev_boost.schema import FIELDS
from regendata.sources.mev_boost.tables import table_of

SLOTS, BIDS_PER_SLOT = 40, 500
#: Slots whose rows are inserted one by one; the whole would take minutes.
INSERTED_SLOTS = 4
#: A row by itself: what it has without its block.
INSERTED = [one.name for one in FIELDS["bids"] if one.name not in ("block_timestamp", "timestamp")]


@dataclass(frozen=True)
class Work:
    """The same bids on both sides."""

    bodies: list[bytes]
    hour: FetchedHour

    @classmethod
    def make(cls, slots: int) -> Work:
        bodies = relay_answers.answers(slots, BIDS_PER_SLOT)
        return cls(bodies, relay_answers.fetched(bodies))

    @property
    def rows(self) -> int:
        return int(self.hour.rows.num_rows)


def compare(bench: Bench, slots: int = SLOTS) -> Result:
    """Rows per CPU second into an object, and per second into the warehouse."""
    work = Work.make(slots)
    bench.tell(f"{work.rows:,} bids of {slots} slots")
    objects = {
        "json, gzip": Side(lambda: cpu_seconds(lambda: obvious_object(work.bodies))),
        "typed, parquet": Side(lambda: cpu_seconds(lambda: typed_object(work.bodies))),
    }
    made = alternate(objects, bench.rounds, bench.budget_seconds)
    with connect() as conn:
        store.prepare(conn)
        loaded = alternate(_loading(conn, work), bench.rounds, bench.budget_seconds)
    return Result(
        lines=[*_object_lines(work, made), *_load_lines(work, loaded)],
        samples=samples({**made, **loaded}),
        notes=[
            "objects: seconds of CPU; both ways read the same answers and write all rows, in memory",
            f"rows: seconds of wall time; row inserts take {INSERTED_SLOTS} slots, COPY all of them",
        ],
    )


def cpu_seconds(run: Callable[[], object]) -> float:
    """CPU of this process: what else goes on does not count."""
    began = time.process_time()
    run()
    return time.process_time() - began


def obvious_object(bodies: list[bytes]) -> bytes:
    """Each answer through dictionaries to lines of JSON, compressed as the gzip module does by default."""
    rows = [{**row, "relay": "bench"} for body in bodies for row in json.loads(body)]
    return gzip.compress("\n".join(json.dumps(row) for row in rows).encode())


def typed_object(bodies: list[bytes]) -> bytes:
    """The same by this repository."""
    return write_parquet(table_of(relay_answers.fetched(bodies)))


def _object_lines(work: Work, made: dict[str, Timings]) -> list[Line]:
    obvious, ours = made["json, gzip"].median, made["typed, parquet"].median
    before, after = (len(make(work.bodies)) / work.rows for make in (obvious_object, typed_object))
    rates = (f"{work.rows / seconds:,.0f} rows/s" for seconds in (obvious, ours))
    return [
        Line("bids to an object, per CPU second", *rates, obvious / ours, "x", at_least(6)),
        Line("bytes per bid", f"{before:.1f}", f"{after:.1f}", after / before, " of it", at_most(1)),
    ]


def _loading(conn: psycopg.Connection, work: Work) -> dict[str, Side]:
    unit = Unit("bids", "bench", relay_answers.HOUR)
    ensure_partition(conn, "bids", unit.hour)
    table = dated("bids", table_of(work.hour), [])
    few = list(zip(*(table.column(name).to_pylist() for name in INSERTED), strict=True))[
        : INSERTED_SLOTS * BIDS_PER_SLOT
    ]

    def copied() -> None:
        with conn.transaction():
            warehouse.replace_hour(conn, unit, table)

    def empty() -> object:
        return conn.execute("TRUNCATE mev_boost.bids")

    return {
        "row inserts": Side(lambda: _inserted_by_hook(few), before=empty),
        "rows in pipelines": Side(lambda: _inserted_in_pipelines(conn, few), before=empty),
        "replaced by COPY": Side(copied, before=empty),
    }


def _inserted_by_hook(rows: Sequence[tuple[object, ...]]) -> None:
    """One INSERT per row by Airflow's own hook."""
    hook = PostgresHook(postgres_conn_id=WAREHOUSE, log_sql=False)
    hook.insert_rows("mev_boost.bids", rows, INSERTED)


def _inserted_in_pipelines(conn: psycopg.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """The same by the driver's executemany, which sends many before it waits for an answer."""
    insert = sql.SQL("INSERT INTO mev_boost.bids ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, INSERTED)),
        sql.SQL(", ").join([sql.Placeholder()] * len(INSERTED)),
    )
    with conn.transaction(), conn.cursor() as cursor:
        cursor.executemany(insert, rows)


def _load_lines(work: Work, loaded: dict[str, Timings]) -> Iterator[Line]:
    copied = work.rows / loaded["replaced by COPY"].median
    targets = {"row inserts": at_least(5), "rows in pipelines": None}
    for name, target in targets.items():
        inserted = INSERTED_SLOTS * BIDS_PER_SLOT / loaded[name].median
        rates = (f"{rate:,.0f} rows/s" for rate in (inserted, copied))
        yield Line(f"bids into the warehouse, beside {name}", *rates, copied / inserted, "x", target)
