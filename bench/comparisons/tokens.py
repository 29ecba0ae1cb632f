"""Token metrics of all symbols: pandas and INSERT as text, beside COPY and exact prefix sums."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd
import psycopg

from bench import obvious_tokens, tweets
from bench.context import Bench
from bench.measure import Timings
from bench.result import Line, Result, at_least, at_most
from bench.tweets import FIRST, HOUR, Tweets
from regendata.hooks.postgres import connect
from regendata.sources.token_metrics.hours import REACH_HOURS

SYMBOLS, DAYS = 3_000, 60
HOURLY_RUNS = 5
#: Figures over up to 336 rows.
LONG_WINDOWS = {"symbol_sma7_previous", "symbol_sma14", "sma7_dif", "sma14_dif", "rsd_14"}
#: History of the smaller warehouse that hourly runs are compared on.
SHORT_DAYS = 16


@dataclass(frozen=True)
class Ours:
    """Seconds of this repository's way: everything from nothing, a day at once, and hour by hour."""

    full: float
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
        bench.tell("the obvious way: the last day, from reading to INSERT")
        obvious = Obvious.measure(source, days)
        equal, differing = obvious.compared()
    whole = Line(
        "compat figures that differ", f"{equal:,} equal", f"{differing:,}", differing, "", at_most(0)
    )
    return Result(
        lines=[*_lines(ours, obvious, days), whole],
        samples={
            "full": ours.full,
            "day": ours.day,
            "short": ours.short.seconds,
            "long": ours.long.seconds,
            "obvious": vars(obvious.parts),
        },
        notes=[
            f"the obvious way goes day by day, each with the fifteen days before it; only its last day is "
            f"measured, and the {days} days are that one counted {days} times, not measured",
            "ours is measured as a whole, from an empty warehouse",
            "ours copies, cleans and derives too; figures are compared on the last day, those of 336 rows "
            "where they lie within the fifteen days that the old job read",
        ],
    )


def _measured(bench: Bench, source: Tweets, days: int) -> Ours:
    tweets.run(SHORT_DAYS * 24)
    short = _hourly(source, SHORT_DAYS * 24)
    source.make(days * 24)
    tweets.empty()
    bench.settle()
    full = tweets.run(days * 24)
    long = _hourly(source, days * 24)
    further = days * 24 + HOURLY_RUNS + 1
    source.add(further, 24)
    return Ours(full, tweets.run(further + 24), short, long)


def _lines(ours: Ours, obvious: Obvious, days: int) -> Iterator[Line]:
    def seconds(value: float) -> str:
        return f"{value:,.3g} s"

    whole, day = obvious.seconds(days), obvious.seconds(1)
    ratio = whole / ours.full
    counted = f"{seconds(whole)} ({days} x {seconds(day)})"
    yield Line("full rebuild of token metrics", counted, seconds(ours.full), ratio, "x", at_least(30))
    yield Line("one day of token metrics", seconds(day), seconds(ours.day), day / ours.day, "x")
    yield Line(f"hourly run, {days} days of history", "", str(ours.long), ours.long.median, " s")
    several = ours.day / ours.long.median
    yield Line(
        "a run of 24 new hours over one of 1", str(ours.long), seconds(ours.day), several, "x", at_most(24)
    )
    growth = ours.long.median / ours.short.median
    name = f"hourly run, {days} over {SHORT_DAYS} days"
    yield Line(name, str(ours.short), str(ours.long), growth, "x", at_most(2))


def _hourly(source: Tweets, hours: int) -> Timings:
    """Hours that come one by one; the first warms up."""
    seconds = []
    for number in range(1, HOURLY_RUNS + 2):
        source.add(hours + number - 1, 1)
        seconds.append(tweets.run(hours + number))
    return Timings(tuple(seconds[1:]))


@dataclass
class Parts:
    """Seconds of the obvious way for one day."""

    read: float
    windows: float
    insert: float


@dataclass
class Obvious:
    """The obvious way, measured, and what it found for the last day."""

    parts: Parts
    day: pd.DataFrame = field(repr=False)

    @classmethod
    def measure(cls, source: Tweets, days: int) -> Obvious:
        with psycopg.connect(source.dsn, autocommit=True) as connection:
            obvious_tokens.make_table(connection)
            moments = [time.perf_counter()]
            end = FIRST + days * 24 * HOUR
            frame = obvious_tokens.read(connection, end - REACH_HOURS * HOUR, end)
            moments.append(time.perf_counter())
            found = obvious_tokens.metrics(frame)
            moments.append(time.perf_counter())
            last = found[found["timestamp"] >= end - obvious_tokens.DAY]
            obvious_tokens.insert(connection, last)
            moments.append(time.perf_counter())
        return cls(Parts(*(after - before for before, after in itertools.pairwise(moments))), last)

    def seconds(self, days: int) -> float:
        """Of the whole rebuild."""
        return (self.parts.read + self.parts.windows + self.parts.insert) * days

    def compared(self) -> tuple[int, int]:
        """Figures of the last day that are equal, and those that are not."""
        names = [f"{name}_compat" for name in obvious_tokens.COLUMNS]
        query = f"SELECT symbol, timestamp, {', '.join(names)} FROM token_metrics.metric_hours"
        with connect() as conn:
            first = int(self.day["timestamp"].min())
            rows = conn.execute(f"{query} WHERE timestamp >= %s", [first]).fetchall()
        ours = {(row[0], row[1]): row[2:] for row in rows}
        results = [
            _same(ours[row.symbol, row.timestamp][number], getattr(row, name))
            for row in self.day.itertuples()
            for number, name in enumerate(obvious_tokens.COLUMNS)
            if name not in LONG_WINDOWS or 0 < row.rows_span_s < REACH_HOURS * HOUR
        ]
        return sum(results), len(results) - sum(results)


def _same(ours: float | None, theirs: float) -> bool:
    return math.isinf(theirs) if ours is None else math.isclose(ours, theirs, rel_tol=1e-7, abs_tol=1e-7)
