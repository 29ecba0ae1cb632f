"""Late, changed and vanished rows, in whatever order hours are taken: the end is the same."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regendata.landing.token_metrics import read_cleaner
from regendata.sources.token_metrics.hours import HOUR
from tests.support.guarantees import Recorder
from tests.support.token_run import TABLES, HourlyRun
from tests.support.token_world import Tweets, counted, differences, expected

pytestmark = pytest.mark.postgres
FIRST = 492_000
SPAN = 400
EXAMPLES = 8


def moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR, timezone.utc)


HOURS = st.integers(0, SPAN - 1)
ROWS = st.builds(
    lambda symbol, hour, count, mood: Tweets(f"{symbol}-{hour}", (FIRST + hour) * HOUR, symbol, count, mood),
    st.sampled_from(["BTC", "BTCX", "ab", "no symbol"]),
    HOURS,
    st.sampled_from([0, 1, 7, 100_000]),
    st.sampled_from([None, 0.25, -1.0]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.lists(ROWS, min_size=1, max_size=12)),
        st.tuples(st.just("change"), HOURS),
        st.tuples(st.just("vanish"), HOURS),
        st.tuples(st.just("backfill"), st.tuples(HOURS, st.integers(1, 100))),
        st.tuples(st.just("run"), HOURS),
    ),
    min_size=2,
    max_size=6,
)


def restart(run: HourlyRun) -> None:
    run.warehouse.do("TRUNCATE " + ", ".join(f"token_metrics.{name}" for name in TABLES))
    run.world.do("TRUNCATE tweetvolumeshours")


def take(run: HourlyRun, rows: dict[str, Tweets], step: tuple[str, Any]) -> None:
    """One thing that happens, to the source or by a run."""
    kind, what = step
    if kind == "arrive":
        run.world.add(row for row in what if row.id not in rows and not rows.update({row.id: row}))
    elif kind == "change":
        for row in [row for row in rows.values() if row.timestamp == (FIRST + what) * HOUR]:
            rows[row.id] = Tweets(row.id, row.timestamp, row.symbol, (row.count or 0) + 1, row.sentiment)
        run.world.do(
            'UPDATE tweetvolumeshours SET count = count + 1 WHERE "timestamp" = %s', [(FIRST + what) * HOUR]
        )
    elif kind == "vanish":
        for row in [row for row in rows.values() if row.id == f"ab-{what}"]:
            del rows[row.id]
        run.world.do("DELETE FROM tweetvolumeshours WHERE id = %s", [f"ab-{what}"])
    elif rows and kind == "backfill":
        begin, hours = what
        run.at(FIRST + SPAN, begin=moment(FIRST + begin), end=moment(FIRST + begin + hours), force=True)
    elif rows and kind == "run":
        run.at(FIRST + what)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(start=st.lists(ROWS, min_size=20, max_size=60), steps=STEPS)
def test_the_end_does_not_depend_on_the_way(
    run: HourlyRun, guarantee: Recorder, start: list[Tweets], steps: list[Any]
) -> None:
    rows: dict[str, Tweets] = {}
    restart(run)
    anchor = [Tweets("first", FIRST * HOUR, "BTC", 3), Tweets("last", (FIRST + SPAN) * HOUR, "BTC", 5)]
    take(run, rows, ("arrive", [*anchor, *start]))
    for step in steps:
        take(run, rows, step)
    run.at(FIRST + SPAN, everything=True)
    wanted = counted([*rows.values(), *kept(run, rows)], read_cleaner())
    assert differences(run.metrics(), expected(wanted)) == []
    guarantee(
        "Token metrics whatever the way",
        promise="Whatever rows of tweet counts come late, change or vanish, and in whatever order hours are "
        "run and backfilled, the metrics in the end are those a plain loop finds.",
        figures={"hours": SPAN + 1, "drawn histories": EXAMPLES},
    )


def kept(run: HourlyRun, rows: dict[str, Tweets]) -> list[Tweets]:
    """Rows of hours that are gone from the source as a whole: those stay as they were landed."""
    held = run.warehouse.rows(
        'SELECT id, "timestamp", symbol, count, sentiment FROM token_metrics.tweetvolumeshours'
    )
    gone = [Tweets(*row) for row in held if row[0] not in rows]
    assert {row.timestamp for row in gone}.isdisjoint(row.timestamp for row in rows.values())
    return gone
