"""Passport's model scores into the warehouse: pandas with many-row INSERTs, ours, and bare COPY."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import sql

from bench.context import Bench
from bench.foreign import drop_relations
from bench.measure import Side, Timings, alternate
from bench.passport_ways import CUT_ID, TABLE
from bench.result import Line, Result, at_least, at_most, ratio, samples
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import cuts
from regendata.hooks.warehouse.schema import ensure_schemas
from sandbox.generator.passport import write_scores

MOST_ROWS = 1_000_000
TIMES_FASTER = 50
TIMES_LESS_MEMORY = 6
MOST_TIMES_RAW = 2


@dataclass(frozen=True)
class Ways:
    """The three ways, each in a process of its own, and the peaks of memory they had."""

    parquet: Path
    finished: Path
    peaks: dict[str, list[float]] = field(default_factory=dict)

    def side(self, bench: Bench, name: str, file: Path) -> Side:
        return Side(lambda: self._run(name, file), before=bench.settle, after=_empty)

    def finish(self) -> None:
        """Write the bytes that bare COPY takes."""
        _child("finish", self.parquet, self.finished)

    def _run(self, name: str, file: Path) -> float:
        found = _child(name, file)
        self.peaks.setdefault(name, []).append(found["peak_mb"])
        return found["seconds"]


def compare(bench: Bench) -> Result:
    """The obvious way once, as it takes minutes; the others in turn."""
    rows = min(MOST_ROWS, bench.scale)
    with prepared(bench, rows) as ways:
        bench.tell("the obvious way, once")
        timings = alternate({"obvious": ways.side(bench, "obvious", ways.parquet)}, 1, bench.budget_seconds)
        bench.tell("ours and bare COPY")
        sides = {
            "ours": ways.side(bench, "ours", ways.parquet),
            "raw": ways.side(bench, "raw", ways.finished),
        }
        timings |= alternate(sides, bench.rounds, bench.budget_seconds)
    size = ways.parquet.stat().st_size / 1e6
    return Result(
        lines=_lines(timings, ways.peaks),
        samples={**samples(timings), **{f"{name}_peak_mb": peaks for name, peaks in ways.peaks.items()}},
        notes=[
            f"{rows:,} scores, {size:,.0f} MB of Parquet; each way in its own process, imports not timed",
            "peak of the whole process; bare COPY is of the CSV that ours makes, into the same table",
        ],
    )


@contextmanager
def prepared(bench: Bench, rows: int) -> Iterator[Ways]:
    """Both files, kept for the next time, and the schema to load into."""
    parquet = bench.folder / f"passport_{rows}.parquet"
    ways = Ways(parquet, bench.folder / f"passport_{rows}.csv")
    if not parquet.exists():
        bench.tell(f"Parquet file of {rows:,} scores")
        write_scores(parquet, rows)
    ways.finish()
    with connect() as conn:
        ensure_schemas(conn, [cuts.land_schema(CUT_ID)])
    try:
        yield ways
    finally:
        _empty()
        with connect() as conn:
            conn.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(sql.Identifier(cuts.land_schema(CUT_ID))))


def _empty() -> None:
    """Drop what was loaded, and keep the schema."""
    with connect() as conn:
        drop_relations(conn, cuts.land_schema(CUT_ID), "r", "TABLE")
        conn.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier("public", TABLE)))


def _child(name: str, *files: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.passport_ways", name, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _lines(timings: Mapping[str, Timings], peaks: Mapping[str, list[float]]) -> list[Line]:
    peak = {name: max(found) for name, found in peaks.items()}
    less = peak["obvious"] / peak["ours"]
    return [
        ratio("Passport scores, obvious / ours", timings["obvious"], timings["ours"], at_least(TIMES_FASTER)),
        Line(
            "peak memory, obvious / ours",
            f"{peak['obvious']:,.0f} MB",
            f"{peak['ours']:,.0f} MB",
            less,
            "x",
            at_least(TIMES_LESS_MEMORY),
        ),
        Line(
            "ours / bare COPY of the finished bytes",
            str(timings["raw"]),
            str(timings["ours"]),
            timings["ours"].median / timings["raw"].median,
            "x",
            at_most(MOST_TIMES_RAW),
        ),
    ]
