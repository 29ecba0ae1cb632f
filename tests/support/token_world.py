"""The source of tweet counts under test, and what the metrics have to be: a plain, slow, obvious oracle."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from regendata.sources.token_metrics.cleaning import Cleaner
from regendata.sources.token_metrics.hours import HOUR

TABLE = """
CREATE TABLE tweetvolumeshours (
  id text, timezone text, "timestamp" integer, date timestamp, symbol text, count double precision,
  sentiment double precision
)
"""
#: Figures of the oracle, in the order of its rows.
FIGURES = (
    "count",
    "symbol_sma1",
    "symbol_sma1_previous",
    "symbol_sma7",
    "symbol_sma7_previous",
    "symbol_sma14",
    "sma1_dif",
    "sma7_dif",
    "sma14_dif",
    "sentiment",
    "sentiment_sma1",
    "sentiment_sma7",
    "rsd_1",
    "rsd_7",
    "rsd_14",
    "hours_1",
    "hours_1_previous",
    "hours_7",
    "hours_7_previous",
    "hours_14",
)
Key = tuple[str, int]
Counts = dict[str, dict[int, tuple[float, float | None]]]


@dataclass(frozen=True)
class Tweets:
    """One row of the source."""

    id: str
    timestamp: int
    symbol: str | None
    count: float | None
    sentiment: float | None = None


@dataclass(frozen=True)
class TokenWorld:
    """The source database, as its owner."""

    dsn: str

    def start(self) -> None:
        self.do(TABLE)

    def do(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(statement, parameters or None).rowcount

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query).fetchall()

    def add(self, rows: Iterable[Tweets]) -> None:
        with psycopg.connect(self.dsn) as connection, connection.cursor() as cursor:
            columns = 'id, timezone, "timestamp", date, symbol, count, sentiment'
            with cursor.copy(f"COPY tweetvolumeshours ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row((row.id, "UTC", row.timestamp, None, row.symbol, row.count, row.sentiment))


def counted(rows: Iterable[Tweets], cleaner: Cleaner) -> Counts:
    """Counts and sentiment per clean symbol and hour (number since 1970)."""
    found: dict[Key, list[Tweets]] = defaultdict(list)
    for row in {(row.timestamp, row.id): row for row in rows}.values():
        if row.count is not None and row.count >= 0 and row.count == math.floor(row.count):
            found[cleaner.clean(row.symbol or "").symbol, row.timestamp // HOUR].append(row)
    counts: Counts = defaultdict(dict)
    for (symbol, hour), group in found.items():
        counts[symbol][hour] = (sum(row.count or 0 for row in group), _sentiment(group))
    return counts


def _sentiment(group: list[Tweets]) -> float | None:
    known = [row for row in group if row.sentiment is not None]
    weight = sum(row.count or 0 for row in known)
    if weight:
        return sum((row.sentiment or 0) * (row.count or 0) for row in known) / weight
    return statistics.fmean(row.sentiment or 0 for row in known) if known else None


def expected(counts: Counts) -> dict[Key, dict[str, float | None]]:
    """Figures per symbol and hour, one window after the other, straight from their definitions."""
    newest = max(hour for hours in counts.values() for hour in hours)
    rows: dict[Key, dict[str, float | None]] = {}
    for symbol, hours in counts.items():
        for hour in range(min(hours), newest + 1):
            if any(hour - back in hours for back in range(336)):
                rows[symbol, hour] = dict(zip(FIGURES, _figures(hours, hour), strict=True))
    return rows


def _figures(hours: dict[int, tuple[float, float | None]], hour: int) -> list[float | None]:
    def window(begin: int, end: int) -> list[float]:
        """Counts of the known hours from ``begin`` to ``end`` hours back, the first left out."""
        return [hours[one][0] for one in range(hour - begin + 1, hour - end + 1) if one in hours]

    def mood(begin: int) -> float | None:
        found = [hours[one][1] for one in range(hour - begin + 1, hour + 1) if one in hours]
        return mean([one for one in found if one is not None])

    count, sentiment = hours.get(hour, (None, None))
    day, before, week, before_week = window(24, 0), window(48, 24), window(168, 0), window(336, 168)
    fortnight = window(336, 0)
    return [
        count,
        mean(day),
        mean(before),
        mean(week),
        mean(before_week),
        mean(fortnight),
        change(mean(day), mean(before)),
        change(mean(week), mean(before_week)),
        None if not count else (count - (mean(fortnight) or 0)) / count,
        sentiment,
        mood(24),
        mood(168),
        rsd(day),
        rsd(week),
        rsd(fortnight),
        *(len(one) for one in (day, before, week, before_week, fortnight)),
    ]


def mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def change(now: float | None, before: float | None) -> float | None:
    return None if now is None or not before else (now - before) / before


def rsd(values: Sequence[float]) -> float | None:
    if len(values) < 2 or not sum(values):
        return None
    return statistics.stdev(values) / statistics.fmean(values)


def differences(
    found: dict[Key, dict[str, Any]], wanted: dict[Key, dict[str, Any]], tolerance: float = 1e-7
) -> list[str]:
    """What differs, in words; figures within ``tolerance`` are equal."""
    told = [f"{key}: only on one side" for key in found.keys() ^ wanted.keys()]
    for key in found.keys() & wanted.keys():
        for name, value in wanted[key].items():
            if not same(found[key][name], value, tolerance):
                told.append(f"{key} {name}: {found[key][name]} in place of {value}")
    return sorted(told)


def same(found: float | None, wanted: float | None, tolerance: float) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return math.isclose(found, wanted, rel_tol=tolerance, abs_tol=tolerance)
