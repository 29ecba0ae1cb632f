"""A long first load, at once into empty tables: the same rows as batch by batch, or none."""

from __future__ import annotations

from typing import Any

import pytest

from regendata.exceptions import SourceUnavailable
from regendata.hooks.warehouse import filling, token_derived, token_first_load, token_windows
from regendata.sources.token_metrics.hours import HOUR
from tests.support.token_run import TABLES, HourlyRun
from tests.support.token_world import Tweets

pytestmark = pytest.mark.postgres
NOW = 492_000
SYMBOLS = ("BTC", "BTCUSD", "SA", "SB", "no symbol", "O'Re")
#: Columns that tell when a row was written are left out.
HELD = {
    "tweetvolumeshours": 'id, "timestamp", symbol, count, sentiment, revisions',
    "source_hours": '"timestamp", source_rows, landed_rows, refused_rows, fingerprint, loads',
    "symbol_hours": "*",
    "symbol_days": "*",
    "metric_hours": "*",
    "symbol_cleaning": "raw_symbol, symbol, rule, token, reason, rules_version",
}
KEYS = (
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE contype = 'p' AND connamespace = 'token_metrics'::regnamespace ORDER BY 1"
)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few the rows are; derived, computed and sent in several parts."""
    monkeypatch.setattr(token_first_load, "LEAST_ROWS", 1)
    monkeypatch.setattr(token_derived, "FIRST_HOURS", 50)
    monkeypatch.setattr(token_windows, "LEAST_FILL", 1)
    monkeypatch.setattr(token_windows, "CHUNK_CELLS", 1)


def fill(run: HourlyRun, hours: int) -> None:
    """Rows of the last hours, one in six missing, with counts that cannot be and a gap of two days."""
    run.world.add(
        Tweets(f"{symbol}-{back}", (NOW - back) * HOUR, symbol, count if back % 7 else -1, 0.001 * back)
        for back in range(hours)
        for count, symbol in enumerate(SYMBOLS)
        if (back + count) % 6 and not 60 < back < 108
    )


def held(run: HourlyRun) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: sorted(run.warehouse.rows(f"SELECT {columns} FROM token_metrics.{table}"), key=repr)
        for table, columns in HELD.items()
    }


def test_it_is_the_same_as_batch_by_batch(run: HourlyRun, request: pytest.FixtureRequest) -> None:
    fill(run, 250)
    done, keys = run.at(NOW), run.warehouse.rows(KEYS)
    batches = held(run)
    run.warehouse.do(
        "TRUNCATE " + ", ".join(f"token_metrics.{name}" for name in (*TABLES, "symbol_cleaning"))
    )
    request.getfixturevalue("at_once")
    assert run.at(NOW) == done
    assert held(run) == batches
    assert run.warehouse.rows(KEYS) == keys
    assert len(batches["metric_hours"]) > 900


def test_what_is_too_much_for_one_transaction_comes_in_batches(
    run: HourlyRun, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest rows at once, the others behind them; a run that breaks off there keeps the first."""
    monkeypatch.setenv("REGENDATA_TOKEN_BATCH_HOURS", "24")
    fill(run, 100)
    run.at(NOW)
    wanted = held(run)
    run.warehouse.do("TRUNCATE " + ", ".join(f"token_metrics.{name}" for name in TABLES))
    monkeypatch.setattr(token_first_load, "MOST_ROWS", 200)
    monkeypatch.setattr(token_windows, "MOST_FILL", 100)
    run.world.do("ALTER TABLE tweetvolumeshours ALTER COLUMN sentiment TYPE text")
    run.world.do("UPDATE tweetvolumeshours SET sentiment = 'bad' WHERE id = 'BTC-1'")
    with pytest.raises(SourceUnavailable, match="invalid input syntax"):
        run.at(NOW)
    kept = held(run)["tweetvolumeshours"]
    assert 100 < len(kept) < len(wanted["tweetvolumeshours"])
    run.world.do("UPDATE tweetvolumeshours SET sentiment = '0.001' WHERE id = 'BTC-1'")
    run.world.do("ALTER TABLE tweetvolumeshours ALTER COLUMN sentiment TYPE float8 USING sentiment::float8")
    run.at(NOW)
    assert {**held(run), "source_hours": ()} == {**wanted, "source_hours": ()}


def test_later_hours_come_as_ever(run: HourlyRun, at_once: None) -> None:
    fill(run, 100)
    run.at(NOW)
    run.world.add([Tweets("next", (NOW + 1) * HOUR, "BTC", 7), Tweets("late", (NOW - 7) * HOUR, "BTC", 9)])
    assert run.at(NOW + 1)["changed"] == 2
    counts = 'SELECT count, revisions FROM token_metrics.rsd_metrics WHERE symbol = %s AND "timestamp" = %s'
    assert run.warehouse.rows(counts, ["BTC", (NOW + 1) * HOUR]) == [(7, 0)]
    assert run.warehouse.rows(counts, ["BTC", (NOW - 7) * HOUR]) == [(9, 0)]


@pytest.mark.parametrize(
    "trouble", ["SET id = 'same' WHERE id LIKE 'S%-5'", "SET id = NULL WHERE id = 'BTC-5'"]
)
def test_ids_that_are_no_key_are_landed_batch_by_batch(run: HourlyRun, at_once: None, trouble: str) -> None:
    fill(run, 30)
    run.world.do(f"UPDATE tweetvolumeshours {trouble}")
    keys = run.warehouse.rows(KEYS)
    done = run.at(NOW)
    assert done["unequal_hours"] == ("same" in trouble)
    assert len(run.metrics()) > 100
    assert run.warehouse.rows(KEYS) == keys


@pytest.mark.parametrize("table", ["tweetvolumeshours", "metric_hours"])
def test_whoever_reads_an_empty_table_is_not_waited_for(
    run: HourlyRun, at_once: None, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    monkeypatch.setattr(filling, "LOCK_TIMEOUT", "50ms")
    fill(run, 30)
    with run.warehouse.connect() as reader, reader.transaction():
        reader.execute(f"LOCK TABLE token_metrics.{table} IN ACCESS SHARE MODE")
        run.at(NOW)
    assert len(run.metrics()) > 100


def test_one_that_breaks_off_leaves_nothing_and_is_begun_again(run: HourlyRun, at_once: None) -> None:
    fill(run, 100)
    keys = run.warehouse.rows(KEYS)
    run.world.do("ALTER TABLE tweetvolumeshours ALTER COLUMN sentiment TYPE text")
    run.world.do("UPDATE tweetvolumeshours SET sentiment = 'bad' WHERE id = 'BTC-15'")
    with pytest.raises(SourceUnavailable, match="invalid input syntax"):
        run.at(NOW)
    assert not any(held(run).values())
    assert run.warehouse.rows(KEYS) == keys
    run.world.do("UPDATE tweetvolumeshours SET sentiment = '0.5' WHERE id = 'BTC-15'")
    assert run.at(NOW)["hours"] == 61
