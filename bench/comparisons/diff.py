"""Comparing a build with the published one, beside the full refresh it is part of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass

import psutil
import psycopg
from psycopg import sql

from bench.context import Bench
from bench.measure import Timings
from bench.result import Line, Result, Table, at_most
from bench.warehouse import OurWay, forget_fingerprints
from regendata.hooks.postgres import connect
from sandbox.layout import Sandbox

#: Of the seconds of a full refresh.
MOST_SHARE = 0.15
#: One row in so many is changed upstream.
FEW = 1_000
MEBIBYTE = 1024**2
SAMPLE_SECONDS = 0.05
#: Backends that compare right now.
COMPARING = (
    "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() "
    "AND query ~ 'hash[a-z0-9_]*extended'"
)
#: As many rows as the sandbox has donations, the frozen ones on top.
DONATIONS = "public.donations"
#: Rows and seconds of the diff of one relation, and of the one with most rows.
SECONDS = (
    "SELECT r.relation, r.row_count, d.seconds "
    "FROM meta.relation_diff AS d INNER JOIN meta.build_relation AS r USING (build_id, relation) "
    "WHERE build_id = %s ORDER BY r.relation = %s DESC, r.row_count DESC LIMIT 2"
)


@dataclass
class Peak:
    """Most private memory that one backend was seen to use, in bytes."""

    bytes: int = 0


@dataclass(frozen=True)
class Measured:
    """One full refresh: its seconds, those of the diffs of donations, of the largest relation and of all.

    :param rows: of donations and of the largest relation.
    """

    refresh_seconds: float
    donations_seconds: float
    largest_seconds: float
    diff_seconds: float
    rows: tuple[int, int]
    peak_bytes: int


def compare(bench: Bench) -> Result:
    """Full refreshes after which nothing, few and all amounts differ."""
    ours = OurWay(bench)
    ours.ensure_published()
    changes = {"nothing differs": None, "one row in 1,000 differs": FEW, "every donation differs": 1}
    found: dict[str, list[Measured]] = {name: [] for name in changes}
    for number in range(bench.rounds):
        bench.tell(f"diffs, round {number + 1} of {bench.rounds}")
        for name, one_in in changes.items():
            if one_in:
                change_amounts(bench.sandbox, ours.versions["indexer"], one_in)
            found[name].append(measured(bench, ours))
    return _result(found)


def change_amounts(sandbox: Sandbox, version: str, one_in: int) -> None:
    """Another amount in USD, upstream, in one donation of so many."""
    table = sql.Identifier(f"chain_data_{version}", "donations")
    statement = sql.SQL(
        "UPDATE {} SET amount_in_usd = amount_in_usd * 1.001 WHERE mod(hashtext(id), {}) = 0"
    ).format(table, sql.Literal(one_in))
    with psycopg.connect(sandbox.dsn("indexer")) as conn:
        conn.execute(statement)


def measured(bench: Bench, ours: OurWay) -> Measured:
    """A full refresh with an eye on the memory of its diff."""
    from sandbox.refresh import tidy_up

    with connect() as conn:
        forget_fingerprints(conn)
    bench.settle()
    with watched(bench.sandbox) as peak:
        ours.refresh()
    run = ours.runs[-1]
    with connect() as conn:
        donations, largest = conn.execute(SECONDS, [run.receipt["build_id"], DONATIONS]).fetchall()
    tidy_up()
    return Measured(
        run.total_seconds,
        donations[2],
        largest[2],
        run.seconds["judge.compare"],
        (donations[1], largest[1]),
        peak.bytes,
    )


@contextmanager
def watched(sandbox: Sandbox) -> Iterator[Peak]:
    """The most that comparing backends use until the end of the block."""
    peak, over = Peak(), threading.Event()
    thread = threading.Thread(target=_watch, args=(sandbox, peak, over))
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _watch(sandbox: Sandbox, peak: Peak, over: threading.Event) -> None:
    with psycopg.connect(sandbox.dsn("postgres"), autocommit=True) as conn:
        while not over.wait(SAMPLE_SECONDS):
            for (pid,) in conn.execute(COMPARING).fetchall():
                peak.bytes = max(peak.bytes, _private_bytes(pid))


def _private_bytes(pid: int) -> int:
    """Without the buffers all backends share; 0 for one that has just ended."""
    try:
        return int(psutil.Process(pid).memory_full_info().uss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


def _result(found: dict[str, list[Measured]]) -> Result:
    return Result(
        lines=[line for name, samples in found.items() for line in _lines(name, samples)],
        samples={name: [list(astuple(one)) for one in samples] for name, samples in found.items()},
        tables=[
            Table(
                "Memory of one backend that compares",
                ("", "peak"),
                [
                    (name, f"{max(one.peak_bytes for one in samples) / MEBIBYTE:,.0f} MiB")
                    for name, samples in found.items()
                ],
            )
        ],
        notes=["digests of the published relations are kept; only buckets of rows that differ are joined"],
    )


def _lines(name: str, samples: list[Measured]) -> Iterator[Line]:
    refresh = Timings(tuple(one.refresh_seconds for one in samples))
    donations, largest = samples[-1].rows
    for what, seconds in (
        (f"{donations:,} donations", [one.donations_seconds for one in samples]),
        (f"the largest relation ({largest:,} rows)", [one.largest_seconds for one in samples]),
        ("all relations", [one.diff_seconds for one in samples]),
    ):
        diff = Timings(tuple(seconds))
        share = diff.median / refresh.median
        found = f"diff of {what} / full refresh, {name}"
        yield Line(found, str(refresh), str(diff), share, "", at_most(MOST_SHARE))
