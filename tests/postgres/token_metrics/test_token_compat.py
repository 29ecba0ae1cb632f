"""Columns that end in _compat are what the formulas of the job before this one give."""

from __future__ import annotations

import csv
import math
import os
import random
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from regendata.paths import REPOSITORY
from regendata.sources.token_metrics.hours import HOUR, REACH_HOURS
from tests.support import token_world
from tests.support.token_run import HourlyRun
from tests.support.token_world import Key, Tweets, differences

pytestmark = pytest.mark.postgres
FIRST_HOUR = 492_000
#: The old job knew no coverage of a window.
FIGURES = tuple(name for name in token_world.FIGURES if name != "count" and not name.startswith("hours_"))
REAL = Path(os.environ.get("REGENDATA_REAL_DATA") or REPOSITORY.parent / "shared" / "data")
COUNTS = REAL / "token_metrics" / "hourly_cashtag_counts_2015.csv"


def old_figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The old job's windows of rows; a count of 0 gave -infinity there and is not known here."""
    found = frame[["symbol", "hour"]].copy()
    counts, moods = frame.groupby("symbol")["count"], frame.groupby("symbol")["sentiment"]

    def mean(groups: Any, rows: int, least: int = 0) -> pd.Series:
        return groups.transform(lambda values: values.rolling(rows, least).mean())

    def spread(rows: int) -> pd.Series:
        return counts.transform(lambda values: values.rolling(rows, 0).std()).fillna(0) / mean(counts, rows)

    found["symbol_sma1"], found["symbol_sma1_previous"] = mean(counts, 24), mean(counts, 48, 24)
    found["symbol_sma7"], found["symbol_sma7_previous"] = mean(counts, 168), mean(counts, 336, 168)
    found["symbol_sma14"] = mean(counts, 336)
    for name in ("sma1", "sma7"):
        before = found[f"symbol_{name}_previous"]
        found[f"{name}_dif"] = (found[f"symbol_{name}"] - before) / before
    found["sma14_dif"] = (frame["count"] - found["symbol_sma14"]) / frame["count"]
    found["sentiment"] = frame["sentiment"]
    found["sentiment_sma1"], found["sentiment_sma7"] = mean(moods, 24), mean(moods, 168)
    found["rsd_1"], found["rsd_7"], found["rsd_14"] = spread(24), spread(168), spread(336)
    return found.fillna(0)


def wanted(frame: pd.DataFrame) -> dict[Key, dict[str, float | None]]:
    rows = old_figures(frame.reset_index(drop=True)).to_dict("records")
    return {
        (row["symbol"], row["hour"]): {
            name: None if math.isinf(row[name]) else float(row[name]) for name in FIGURES
        }
        for row in rows
    }


def frame_of(rows: list[Tweets]) -> pd.DataFrame:
    records = [(row.symbol, row.timestamp // HOUR, row.count, row.sentiment) for row in rows]
    return pd.DataFrame(records, columns=["symbol", "hour", "count", "sentiment"]).astype(
        {"sentiment": float}
    )


def test_random_counts_with_few_holes(run: HourlyRun) -> None:
    chance = random.Random(7)
    rows = [
        Tweets(
            f"{symbol}{hour}",
            (FIRST_HOUR + hour) * HOUR,
            symbol,
            chance.choice((0, 0, 5, chance.randrange(100_000))) if hour > 60 else 0,
            None if chance.random() < 0.3 else chance.uniform(-1, 1),
        )
        for hour in range(500)
        for symbol in ("BTC", "ETH")
        if chance.random() > 0.03
    ]
    run.world.add(rows)
    run.at(FIRST_HOUR + 500)
    expected = wanted(frame_of(rows))
    assert any(row["sma14_dif"] is None for row in expected.values())
    assert differences(run.metrics("_compat", FIGURES), expected) == []


def test_rows_out_of_reach_of_the_old_job_are_left_out(run: HourlyRun) -> None:
    """It read fifteen days; a symbol seen twice a day fills no window of 336 rows in them."""
    chance = random.Random(8)
    rows = [
        Tweets(f"rare{hour}", (FIRST_HOUR + hour) * HOUR, "rare", chance.randrange(1, 90), 0.1)
        for hour in range(0, 900, 12)
    ]
    run.world.add(rows)
    run.at(FIRST_HOUR + 900)
    last = rows[-1].timestamp // HOUR
    seen = frame_of([row for row in rows if row.timestamp // HOUR > last - REACH_HOURS])
    found = run.metrics("_compat", FIGURES)
    assert len(seen) == 30
    assert (
        differences({("rare", last): found["rare", last]}, {("rare", last): wanted(seen)["rare", last]}) == []
    )


@pytest.mark.skipif(not COUNTS.exists(), reason=f"the real counts are not at {COUNTS}")
def test_real_hourly_counts(run: HourlyRun) -> None:
    with COUNTS.open(newline="") as file:
        rows = [_real(row) for row in csv.DictReader(file)]
    run.world.add(rows)
    run.at(max(row.timestamp for row in rows) // HOUR)
    found = run.metrics("_compat", FIGURES)
    assert len(found) == len(rows) == 13_230
    assert differences(found, wanted(frame_of(rows)), 1e-6) == []


def _real(row: dict[str, str]) -> Tweets:
    moment = datetime.fromisoformat(row["hour_start"]).replace(tzinfo=timezone.utc)
    symbol = row["symbol"]
    return Tweets(f"{symbol}-{row['hour_start']}", int(moment.timestamp()), symbol, int(row["tweet_count"]))
