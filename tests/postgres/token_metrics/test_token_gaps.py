"""Hours that come late, or are lost and taken again, whoever is silent in them: the grid has no hole."""

from __future__ import annotations

import random
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regendata.landing.token_metrics import read_cleaner
from regendata.sources.token_metrics.hours import HOUR
from tests.support.guarantees import Recorder
from tests.support.token_hashes import COUNTS, METRICS, forget, hashes
from tests.support.token_run import TABLES, HourlyRun
from tests.support.token_world import Tweets, counted, differences, expected

pytestmark = pytest.mark.postgres
FIRST = 492_000
SYMBOLS = ("BTC", "ETH", "BTCX", "ab", "no symbol")
#: Hours that have rows, by number from FIRST on: days around a silence that is longer than any window.
HOURS = (*range(12), *range(20, 26), *range(385, 391))
NEWEST = FIRST + HOURS[-1]
EXAMPLES = 6
RANKINGS = ("trending", "volatile", "decreasing", "tweet_trend", "token_stats", "tokens")


def moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR, timezone.utc)


def tweets(hour: int, symbols: tuple[str, ...] = SYMBOLS, count: float | None = 5) -> list[Tweets]:
    """One row of each symbol."""
    return [
        Tweets(f"{symbol}-{hour}", hour * HOUR, symbol, count, 0.25 * number)
        for number, symbol in enumerate(symbols)
    ]


def restart(run: HourlyRun) -> None:
    run.warehouse.do("TRUNCATE " + ", ".join(f"token_metrics.{name}" for name in TABLES))


def in_order(run: HourlyRun) -> dict[str, tuple[Any, ...]]:
    """What the source holds, landed once from nothing."""
    restart(run)
    run.at(NEWEST)
    return hashes(run.warehouse.dsn())


def backfill(run: HourlyRun, begin: int, end: int) -> None:
    """One run for each hour, the newest first."""
    for hour in reversed(range(begin, end)):
        run.at(NEWEST, begin=moment(hour), end=moment(hour + 1), force=True)


def is_whole(run: HourlyRun, rows: list[Tweets]) -> bool:
    """Whether there is a row of every symbol and hour of its life, with the figures of a plain loop."""
    return differences(run.metrics(), expected(counted(rows, read_cleaner()))) == []


@pytest.mark.parametrize("tables", [COUNTS, METRICS, (*COUNTS, *METRICS)], ids=["counts", "metrics", "both"])
def test_lost_hours_are_the_same_after_a_backfill(run: HourlyRun, tables: tuple[str, ...]) -> None:
    """One symbol is silent in the first of them, one in all, and the last had no row at all."""
    rows = [row for hour in range(9) for row in tweets(FIRST + hour, ("BTC", "ab")[: 1 + hour % 2])]
    rows += [*tweets(FIRST, ("ETH",)), *tweets(FIRST + 12)]
    run.world.add(rows)
    run.at(NEWEST)
    before = hashes(run.warehouse.dsn())
    forget(run.warehouse.dsn(), (FIRST + 6) * HOUR, (FIRST + 10) * HOUR, tables)
    assert hashes(run.warehouse.dsn()) != before
    backfill(run, FIRST + 6, FIRST + 10)
    assert hashes(run.warehouse.dsn()) == before
    assert is_whole(run, rows)


def test_rankings_are_the_same_after_a_backfill_of_their_hours(run: HourlyRun) -> None:
    """One symbol is ranked that is silent in the lost hours, all but the newest."""
    hours = [tweets(NEWEST - back, SYMBOLS[: 1 + back % 4], count=100 + back) for back in range(48)]
    run.world.add(row for rows in hours for row in rows)
    run.world.add(
        [Tweets("loud", NEWEST * HOUR, "SOL", 400), Tweets("was", (NEWEST - 30) * HOUR, "SOL", 300)]
    )
    run.at(NEWEST)
    run.publish()
    ranked = [run.warehouse.rows(f"TABLE token_metrics.{name}") for name in RANKINGS]
    assert all(ranked)
    forget(run.warehouse.dsn(), (NEWEST - 2) * HOUR, (NEWEST + 1) * HOUR)
    backfill(run, NEWEST - 2, NEWEST + 1)
    run.publish()
    assert [run.warehouse.rows(f"TABLE token_metrics.{name}") for name in RANKINGS] == ranked


def test_hours_that_came_late_reach_whoever_is_silent_in_them(run: HourlyRun) -> None:
    """A gap between known hours is part of the grid before and after its hours come."""
    rows = [*tweets(FIRST), *tweets(FIRST + 5, ("ETH",))]
    run.world.add(rows)
    run.at(NEWEST)
    assert is_whole(run, rows)
    for late in (tweets(FIRST + 3, ("BTC",)), tweets(FIRST + 2, ("SOL",)), tweets(FIRST + 4, count=None)):
        run.world.add(late)
        rows += late
        run.at(NEWEST, everything=True)
        assert is_whole(run, rows)


def test_the_newest_hour_may_lose_all_that_counted(run: HourlyRun) -> None:
    rows = [*tweets(FIRST), *tweets(FIRST + 1, ("BTC",))]
    run.world.add(rows)
    run.at(NEWEST)
    run.world.do("UPDATE tweetvolumeshours SET count = NULL WHERE id = %s", [f"BTC-{FIRST + 1}"])
    run.at(NEWEST)
    assert is_whole(run, rows[:-1])


SOURCES = st.randoms(use_true_random=False).map(
    lambda chance: {hour: silent_ones(FIRST + hour, chance) for hour in HOURS}
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["run", "backfill", "midnight"]), st.sampled_from(HOURS), st.integers(1, 4)),
    min_size=1,
    max_size=3,
)


def silent_ones(hour: int, chance: random.Random) -> list[Tweets]:
    """Rows of an hour: some symbols are silent, some counts cannot be."""
    symbols = tuple(symbol for symbol in SYMBOLS if chance.random() < 0.5)
    return [*tweets(hour, symbols, chance.choice([0, 1, 7, 100_000])), *tweets(hour, ("bad",), -1)]


def take(run: HourlyRun, step: tuple[str, int, int]) -> None:
    kind, hour, hours = step
    begin, end = FIRST + hour, FIRST + hour + hours
    if kind == "run":
        run.at(begin)
        return
    forget(run.warehouse.dsn(), begin * HOUR, end * HOUR)
    if kind == "backfill":
        run.at(NEWEST, begin=moment(begin), end=moment(end), force=True)
    else:
        run.at(NEWEST, everything=True)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(source=SOURCES, order=st.permutations(HOURS), steps=STEPS)
def test_any_order_gives_the_rows_of_one_load(
    run: HourlyRun,
    guarantee: Recorder,
    source: dict[int, list[Tweets]],
    order: list[int],
    steps: list[tuple[str, int, int]],
) -> None:
    restart(run)
    run.world.do("TRUNCATE tweetvolumeshours")
    share = -(-len(order) // len(steps))
    for begin, step in zip(range(0, len(order), share), steps, strict=False):
        run.world.add(row for hour in order[begin : begin + share] for row in source[hour])
        run.at(NEWEST, everything=True)
        take(run, step)
    found = hashes(run.warehouse.dsn())
    assert found == in_order(run)
    guarantee(
        "Token metrics in whatever order",
        promise="Hours of tweet counts that come in any order, or are lost and backfilled, whichever symbols "
        "are silent in them, leave in every table the rows of one load from nothing.",
        figures={"hours with rows": len(HOURS), "drawn orders": EXAMPLES},
    )
