"""Landing one table by binary COPY against reading it through postgres_fdw, near and over a network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from bench.context import Bench
from bench.foreign import create_server, drop_relations, drop_server
from bench.measure import Side, Timings, alternate
from bench.pipe import pipe
from bench.result import Line, Result, at_least, ratio, samples
from bench.slow_line import least_round_trip_ms, measured_round_trip_ms, slow_line, through
from regendata.hooks.indexer import copy_rows
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import cuts
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.models.project import load_project
from regendata.models.relation import Relation
from regendata.models.tables import TableSpec
from regendata.sources.catalog import COLUMNS_QUERY, copy_out, remote_tables
from regendata.sources.indexers import GRANTS_INDEXER
from sandbox.bootstrap import OWNER, WAREHOUSE
from sandbox.generator.indexer import COMPLETE

ROWS = 200_000
ROUND_TRIPS_MS = (0, 1, 10)
TIMES_FASTER_AT_1_MS = 10
SOURCE_SCHEMA = "bench_landing"
SCHEMA = "bench_landing"
FOREIGN = "bench_landing_foreign"
CONN_ID = "bench_landing"
VARIABLE = f"AIRFLOW_CONN_{CONN_ID.upper()}"
#: Stands for a cut: its schema is what loading needs of one.
CUT_ID = 0


def compare(bench: Bench) -> Result:
    """Both ways at each round-trip time, the near one first."""
    lines: list[Line] = []
    found: dict[str, list[float]] = {}
    notes: list[str] = []
    with source_table(bench) as rows:
        notes.append(f"{rows:,} donations; each way begins with connecting")
        notes.append("floor: the same bytes by psql into a table that stands, without WAL saved or ANALYZE")
        for round_trip in ROUND_TRIPS_MS:
            bench.tell(f"at {round_trip} ms")
            with source_at(bench, round_trip) as dsn:
                timings = _measure(bench, dsn)
                notes.append(f"{round_trip} ms set, {measured_round_trip_ms(dsn):.2f} ms per query measured")
            lines += _lines(round_trip, timings)
            found |= {f"{name}_{round_trip}_ms": seconds for name, seconds in samples(timings).items()}
    return Result(lines, found, notes=notes)


def _lines(round_trip: int, timings: dict[str, Timings]) -> list[Line]:
    foreign, copy, floor = (timings[name] for name in ("foreign", "copy", "floor"))
    target = at_least(TIMES_FASTER_AT_1_MS) if round_trip == 1 else None
    at = f"at {round_trip} ms round trip"
    return [
        ratio(f"landing {at}, fdw / COPY", foreign, copy, target),
        ratio(f"landing {at}, fdw / floor", foreign, floor, None),
    ]


@contextmanager
def source_table(bench: Bench) -> Iterator[int]:
    """A part of the complete version's donations as a table of its own at the source; gives its rows."""
    name = sql.Identifier(SOURCE_SCHEMA, "donations")
    with psycopg.connect(bench.sandbox.dsn(GRANTS_INDEXER.name), autocommit=True) as conn:
        _drop_source(conn)
        conn.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SOURCE_SCHEMA)))
        made = conn.execute(
            sql.SQL("CREATE TABLE {} AS SELECT * FROM {}.donations LIMIT {}").format(
                name, sql.Identifier(COMPLETE.schema), ROWS
            )
        )
        conn.execute(sql.SQL("VACUUM ANALYZE {}").format(name))
        try:
            yield made.rowcount
        finally:
            _drop_source(conn)


def _drop_source(conn: psycopg.Connection) -> None:
    drop_relations(conn, SOURCE_SCHEMA, "r", "TABLE")
    conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(sql.Identifier(SOURCE_SCHEMA)))


@contextmanager
def source_at(bench: Bench, round_trip_ms: int) -> Iterator[str]:
    """The source so far away; nothing stands in between for 0."""
    dsn = bench.sandbox.dsn(GRANTS_INDEXER.name, "indexer_reader")
    if not round_trip_ms:
        yield dsn
        return
    port = bench.sandbox.port("postgres")
    with slow_line(port, round_trip_ms) as near:
        own = least_round_trip_ms(through(dsn, near)) - round_trip_ms
    # The line's own work delays as well; hold back so much less, and no query comes back too early.
    with slow_line(port, max(0, round_trip_ms - own)) as near:
        yield through(dsn, near)


def _measure(bench: Bench, dsn: str) -> dict[str, Timings]:
    spec = load_project("grants").tables[GRANTS_INDEXER.landed("donations")]
    ways = Ways(bench, dsn, spec)
    ways.prepare()
    try:
        sides = {
            "foreign": Side(ways.read_foreign, before=bench.settle, after=ways.empty),
            "copy": Side(ways.copy, before=bench.settle, after=ways.empty),
            "floor": Side(ways.floor, before=ways.prepare_floor, after=ways.empty),
        }
        return alternate(sides, bench.rounds, bench.budget_seconds)
    finally:
        ways.clear()


@dataclass(frozen=True)
class Ways:
    """Both ways of bringing the table over.

    :param dsn: the source, as far away as it is now.
    :param spec: the landed table.
    """

    bench: Bench
    dsn: str
    spec: TableSpec

    def prepare(self) -> None:
        """A foreign table with default options, the schema of a cut, and an Airflow connection."""
        self.clear()
        os.environ[VARIABLE] = self.dsn
        with connect() as conn:
            ensure_schemas(conn, [SCHEMA, cuts.land_schema(CUT_ID)])
            create_server(conn, FOREIGN, self.dsn, [self.spec], SOURCE_SCHEMA)

    def read_foreign(self) -> None:
        """CREATE TABLE AS over the foreign table."""
        statement = sql.SQL("CREATE TABLE {} AS SELECT * FROM {}").format(
            sql.Identifier(SCHEMA, "donations"), sql.Identifier(FOREIGN, "donations")
        )
        with connect() as conn:
            conn.execute(statement)

    def copy(self) -> None:
        """What landing does with one table."""
        with connect(CONN_ID) as source, connect() as warehouse:
            remote = remote_tables(source.execute(COLUMNS_QUERY, [SOURCE_SCHEMA]).fetchall())
            place = Relation(SOURCE_SCHEMA, "donations")
            statement = copy_out(self.spec, place, remote["donations"], excluded_chains=())
            rows = copy_rows(source, statement)
            cuts.load(warehouse, CUT_ID, self.spec, rows, cuts.BINARY, fingerprint="")

    def prepare_floor(self) -> None:
        """An empty table of the same shape."""
        with connect() as conn:
            place = sql.Identifier(SCHEMA, "donations")
            conn.execute(sql.SQL("CREATE TABLE {} ({})").format(place, sql.SQL(cuts.shape_of(self.spec))))
        self.bench.settle()

    def floor(self) -> None:
        """The same bytes moved by psql, and nothing else: the table stands, nobody analyzes it."""
        place = f"{SCHEMA}.donations"
        pipe(
            self.dsn,
            f"COPY {SOURCE_SCHEMA}.donations TO STDOUT (FORMAT binary)",
            self.bench.sandbox.dsn(WAREHOUSE, OWNER),
            f"COPY {place} FROM STDIN (FORMAT binary)",
        )

    def empty(self) -> None:
        """Drop what was brought over."""
        with connect() as conn:
            drop_relations(conn, SCHEMA, "r", "TABLE")
            drop_relations(conn, cuts.land_schema(CUT_ID), "r", "TABLE")

    def clear(self) -> None:
        """Drop everything, also what a killed benchmark left."""
        self.empty()
        os.environ.pop(VARIABLE, None)
        with connect() as conn:
            drop_server(conn, FOREIGN)
            for name in (SCHEMA, cuts.land_schema(CUT_ID)):
                conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(sql.Identifier(name)))
