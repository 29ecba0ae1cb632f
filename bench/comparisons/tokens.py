"""Token metrics of all symbols: pandas and INSERT as text, beside COPY and exact prefix sums."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import psycopg

from bench import obvious_tokens, tweets
from bench.context import Bench
from bench.cpu import Spent, spent
from bench.measure import Timings
from bench.memory import MEGABYTE, forget_peak, peak_bytes
from bench.result import Line, Result, at_least, at_most
from bench.tweets import FIRST, HOUR, Tweets
from regendata.hooks.postgres import connect
from regendata.landing.token_metrics import read_cleaner
from regendata.sources.token_metrics.hours import REACH_HOURS

SYMBOLS, DAYS = 3_000, 60
DAY = 24 * HOUR
#: What the obvious way writes of each row.
METRICS = ("id", "symbol", "timestamp", "count", *obvious_tokens.COLUMNS)
HOURLY_RUNS = 5
#: Figures over up to 336 rows.
LONG_WINDOWS = {"symbol_sma7_previous", "symbol_sma14", "sma7_dif", "sma14_dif", "rsd_14"}
#: History of the smaller warehouse that hourly runs are compared on.
SHORT_DAYS = 16
#: From this day on the obvious way finds all the fifteen days that it reads.
FULL_DAY = REACH_HOURS // 24


@dataclass(frozen=True)
class Ours:
    """This repository's way: everything from nothing, a day at once, and hour by hour.

    :param peak_mb: most memory of this process in the full rebuild.
    """

    full: Spent
    peak_mb: int
    day: float
    short: Timings
    long: Timings


def compare(bench: Bench, symbols: int = SYMBOLS, days: int = DAYS) -> Result:
    """A rebuild from nothing, then hours one by one on a short and on the whole history."""
    source = Tweets(bench.sandbox, symbols)
    bench.tell(f"tweets of {symbols:,} symbols in {days} days")
    source.make(SHORT_DAYS * 24)
    with tweets.connected(source):
        ours = _measured(bench, source, days)
        bench.tell(f"the obvious way: days {measured_days(days)}, from copying to INSERT")
        obvious = Obvious.measure(source, days)
        equal, differing = obvious.compared()
    whole = Line(
        "compat figures that differ", f"{equal:,} equal", f"{differing:,}", differing, "", at_most(0)
    )
    return Result(
        lines=[*_lines(ours, obvious), whole],
        samples={
            "full": vars(ours.full),
            "day": ours.day,
            "short": ours.short.seconds,
            "long": ours.long.seconds,
            "obvious": {str(number): asdict(day) for number, day in obvious.measured.items()},
        },
        notes=list(_notes(obvious)),
    )


def measured_days(days: int) -> list[int]:
    """Days of the obvious way that are measured, by number from 1; the others lie between two of them."""
    return sorted({day for day in (1, 8, FULL_DAY, (FULL_DAY + days) // 2, days) if day <= days})


def _measured(bench: Bench, source: Tweets, days: int) -> Ours:
    tweets.run(SHORT_DAYS * 24)
    short = _hourly(source, SHORT_DAYS * 24)
    source.make(days * 24)
    tweets.empty()
    bench.settle()
    # A sandbox made in this process leaves its own mark.
    forget_peak()
    full = spent(lambda: tweets.run(days * 24), bench.sandbox.pgdata)
    peak_mb = peak_bytes() // MEGABYTE
    long = _hourly(source, days * 24)
    further = days * 24 + HOURLY_RUNS + 1
    source.add(further, 24)
    return Ours(full, peak_mb, tweets.run(further + 24), short, long)


def _lines(ours: Ours, obvious: Obvious) -> Iterator[Line]:
    whole, day = obvious.whole(), obvious.measured[obvious.days].spent.wall
    yield Line(
        "full rebuild of token metrics",
        _seconds(whole.wall),
        _seconds(ours.full.wall),
        whole.wall / ours.full.wall,
        "x",
        at_least(30),
    )
    cpu = whole.cpu / ours.full.cpu
    yield Line("the same, seconds of CPU", _seconds(whole.cpu), _seconds(ours.full.cpu), cpu, "x")
    yield Line("most memory of the program meanwhile", "", f"{ours.peak_mb:,} MB", ours.peak_mb, " MB")
    yield Line("one day of token metrics", _seconds(day), _seconds(ours.day), day / ours.day, "x")
    days = obvious.days
    yield Line(f"hourly run, {days} days of history", "", str(ours.long), ours.long.median, " s")
    several = ours.day / ours.long.median
    name = "a run of 24 new hours over one of 1"
    yield Line(name, str(ours.long), _seconds(ours.day), several, "x", at_most(24))
    growth = ours.long.median / ours.short.median
    name = f"hourly run, {days} over {SHORT_DAYS} days"
    yield Line(name, str(ours.short), str(ours.long), growth, "x", at_most(2))


def _seconds(value: float) -> str:
    return f"{value:,.3g} s"


def _notes(obvious: Obvious) -> Iterator[str]:
    numbers = ", ".join(str(number) for number in obvious.measured)
    copying = sum(day.copy for day in obvious.measured.values())
    share = copying / sum(day.spent.wall for day in obvious.measured.values())
    yield (
        f"the obvious way goes day by day, each with the fifteen days before it; days {numbers} are measured "
        f"and those between lie on straight lines; copying and cleaning are {share:.0%} of it"
    )
    yield (
        "ours is measured as a whole, from an empty warehouse to raw rows, clean symbols, hours, days and "
        f"metrics; the obvious way keeps clean rows and {len(obvious_tokens.COLUMNS) + 1} figures of each"
    )
    yield (
        "figures are compared on the last day, those of 336 rows where they lie within the fifteen days that "
        "the old job read"
    )


def _hourly(source: Tweets, hours: int) -> Timings:
    """Hours that come one by one; the first warms up."""
    seconds = []
    for number in range(1, HOURLY_RUNS + 2):
        source.add(hours + number - 1, 1)
        seconds.append(tweets.run(hours + number))
    return Timings(tuple(seconds[1:]))


@dataclass(frozen=True)
class Day:
    """One day of the obvious way: seconds of its parts, and what all of it took."""

    copy: float
    read: float
    windows: float
    insert: float
    spent: Spent


@dataclass
class Obvious:
    """The obvious way, measured on some days, and what it found for the last one.

    :param measured: by number of the day.
    """

    measured: Mapping[int, Day]
    last: pd.DataFrame = field(repr=False)

    @classmethod
    def measure(cls, source: Tweets, days: int) -> Obvious:
        measured = {}
        with psycopg.connect(source.dsn, autocommit=True) as connection:
            obvious_tokens.make_tables(connection)
            for number in measured_days(days):
                measured[number], last = _day(connection, source, FIRST + number * DAY)
        return cls(measured, last)

    @property
    def days(self) -> int:
        return max(self.measured)

    def whole(self) -> Spent:
        """All days."""
        every = range(1, self.days + 1)
        wall, cpu = (
            np.interp(
                every, list(self.measured), [getattr(day.spent, kind) for day in self.measured.values()]
            )
            for kind in ("wall", "cpu")
        )
        return Spent(float(wall.sum()), float(cpu.sum()))

    def compared(self) -> tuple[int, int]:
        """Figures of the last day that are equal, and those that are not."""
        names = [f"{name}_compat" for name in obvious_tokens.COLUMNS]
        query = f"SELECT symbol, timestamp, {', '.join(names)} FROM token_metrics.metric_hours"
        with connect() as conn:
            first = int(self.last["timestamp"].min())
            rows = conn.execute(f"{query} WHERE timestamp >= %s", [first]).fetchall()
        ours = {(row[0], row[1]): row[2:] for row in rows}
        results = [
            _same(ours[row.symbol, row.timestamp][number], getattr(row, name))
            for row in self.last.itertuples()
            for number, name in enumerate(obvious_tokens.COLUMNS)
            if name not in LONG_WINDOWS or 0 < row.rows_span_s < REACH_HOURS * HOUR
        ]
        return sum(results), len(results) - sum(results)


def _day(connection: psycopg.Connection[Any], source: Tweets, end: int) -> tuple[Day, pd.DataFrame]:
    """The day up to ``end``, with the days before it copied already; what it took, and its rows."""
    tokens, begin = read_cleaner().tokens, end - DAY
    obvious_tokens.assume_cleaned(connection, end - REACH_HOURS * HOUR, begin)
    moments: list[float] = []
    found: list[pd.DataFrame] = []

    def work() -> None:
        moments.append(time.perf_counter())
        obvious_tokens.copy(connection, tokens, begin, end)
        moments.append(time.perf_counter())
        frame = obvious_tokens.read(connection, "obvious_cleaned", end - REACH_HOURS * HOUR, end)
        moments.append(time.perf_counter())
        figures = obvious_tokens.metrics(frame)
        moments.append(time.perf_counter())
        found.append(figures[figures["timestamp"] >= begin])
        obvious_tokens.insert(connection, "obvious_metrics", found[0], METRICS)
        moments.append(time.perf_counter())

    took = spent(work, source.sandbox.pgdata)
    return Day(*(after - before for before, after in itertools.pairwise(moments)), took), found[0]


def _same(ours: float | None, theirs: float) -> bool:
    return math.isinf(theirs) if ours is None else math.isclose(ours, theirs, rel_tol=1e-7, abs_tol=1e-7)
