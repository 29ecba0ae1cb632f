"""Months of backlog: in parts that stay where a run is killed, with the rows of one that was not."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import psycopg
import pytest

from regendata import settings
from regendata.hooks.warehouse import token_windows
from regendata.landing import token_metrics
from regendata.landing.token_metrics import CopyRequest
from regendata.sources.token_metrics import packed
from regendata.sources.token_metrics.hours import HOUR
from tests.support.guarantees import Recorder
from tests.support.token_hashes import hashes
from tests.support.token_run import TABLES, HourlyRun
from tests.support.token_world import Tweets

pytestmark = pytest.mark.postgres
NOW = 492_000
HOURS = 120
OLDEST = NOW - HOURS + 1
SYMBOLS = ("BTC", "BTCUSD", "SA", "SB", "no symbol", "O'Re")
KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'regendata:grants_db'"
)
MARKS = "SELECT min(first_hour) / 3600, max(last_hour) / 3600 FROM token_metrics.stale_hours"


@pytest.fixture
def backlog(run: HourlyRun, monkeypatch: pytest.MonkeyPatch) -> HourlyRun:
    """Hours in several parts: one row in six missing, counts that cannot be, a gap of a day.

    One symbol was last seen long before the newest hour, one comes late.
    """
    monkeypatch.setenv("REGENDATA_TOKEN_BATCH_HOURS", "24")
    monkeypatch.setattr(token_windows, "CHUNK_CELLS", 1)
    run.world.add(
        Tweets(f"{symbol}-{back}", (NOW - back) * HOUR, symbol, count if back % 7 else -1, 0.001 * back)
        for back in range(HOURS)
        for count, symbol in enumerate(SYMBOLS)
        if (back + count) % 6
        and not 60 < back < 84
        and (symbol, back < 50) not in (("SA", True), ("SB", False))
    )
    return run


def restart(run: HourlyRun) -> None:
    run.warehouse.do("TRUNCATE " + ", ".join(f"token_metrics.{name}" for name in TABLES))


def killing(run: HourlyRun, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """The server ends all sessions of the run once so many blocks of metrics were packed."""
    pack, packed_blocks = packed.rows, iter(range(after))

    def rows(*block: Any) -> memoryview:
        if next(packed_blocks, None) is None:
            run.warehouse.do(KILL)
        return pack(*block)

    monkeypatch.setattr(packed, "rows", rows)


@pytest.mark.parametrize(("connections", "behind"), [("1", OLDEST + 3 * 24), ("2", OLDEST)])
def test_metrics_go_on_behind_the_part_that_was_computed_last(
    backlog: HourlyRun, monkeypatch: pytest.MonkeyPatch, guarantee: Recorder, connections: str, behind: int
) -> None:
    """Of two connections, one may still be at its first part."""
    monkeypatch.setenv("REGENDATA_TOKEN_CONNECTIONS", connections)
    backlog.at(NOW)
    wanted = hashes(backlog.warehouse.dsn())
    restart(backlog)
    with monkeypatch.context() as patch:
        killing(backlog, patch, after=3 * 24 // token_windows.BLOCK_HOURS)
        with pytest.raises(psycopg.OperationalError):
            backlog.at(NOW)
    kept = hashes(backlog.warehouse.dsn())
    assert kept["symbol_hours"] == wanted["symbol_hours"]
    assert 0 < kept["metric_hours"][0] < wanted["metric_hours"][0]
    first, last = backlog.warehouse.rows(MARKS)[0]
    assert behind <= first <= NOW < last
    backlog.at(NOW)
    assert hashes(backlog.warehouse.dsn()) == wanted
    guarantee(
        "A backlog of tweet counts goes on",
        promise="A long first load whose sessions the server ends goes on behind the hours that were loaded "
        "and computed, and ends with the rows of one that nothing happened to.",
        figures={"hours": HOURS, "hours in a part": 24},
    )


def test_hours_before_those_that_were_landed_are_not_left_out(
    backlog: HourlyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several connections, one may land later hours before a run breaks off."""
    monkeypatch.setenv("REGENDATA_TOKEN_OVERLAP_HOURS", "1")
    later = CopyRequest(backlog.now, begin=datetime.fromtimestamp((NOW - 10) * HOUR, timezone.utc))
    assert token_metrics.copy(later, "test", settings.load())["hours"] == 11
    backlog.at(NOW)
    found = hashes(backlog.warehouse.dsn())
    restart(backlog)
    backlog.at(NOW)
    assert hashes(backlog.warehouse.dsn()) == found


def test_hours_that_come_between_the_two_runs_reach_everybody(
    backlog: HourlyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even who is silent in them, though no run before got as far as the newest hour."""
    monkeypatch.setenv("REGENDATA_TOKEN_CONNECTIONS", "1")
    with monkeypatch.context() as patch:
        killing(backlog, patch, after=3 * 24 // token_windows.BLOCK_HOURS)
        with pytest.raises(psycopg.OperationalError):
            backlog.at(NOW)
    backlog.world.add([Tweets("next", (NOW + 2) * HOUR, "SB", 7)])
    backlog.at(NOW + 2)
    found = hashes(backlog.warehouse.dsn())
    restart(backlog)
    backlog.at(NOW + 2)
    assert hashes(backlog.warehouse.dsn()) == found
