"""Copying: only what changed, in batches, never a write to the source, nothing lost when something fails."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from regendata.exceptions import EmptySource, SourceUnavailable
from regendata.hooks.postgres import connect
from regendata.hooks.token_source import TokenSource, open_source
from regendata.hooks.warehouse import token_windows
from regendata.hooks.warehouse.token_hours import exclusively
from regendata.landing import token_metrics
from regendata.sources.token_metrics.cleaning import Cleaner
from regendata.sources.token_metrics.hours import HOUR, Span
from sandbox import chaos_db, chaos_tweets
from tests.support.guarantees import Recorder
from tests.support.token_run import TABLES, HourlyRun
from tests.support.token_world import Tweets

pytestmark = pytest.mark.postgres
NOW = 492_000
UNLIKE_COUNTS = "SELECT count(DISTINCT count), count(*) FROM token_metrics.tweetvolumeshours"
DAYS = "SELECT symbol, day, tweets FROM token_metrics.symbol_days ORDER BY 1, 2"


def rows_of(hours: int, symbol: str = "BTC", count: float | None = 5) -> list[Tweets]:
    """One row for each of the last hours."""
    return [Tweets(f"{symbol}-{back}", (NOW - back) * HOUR, symbol, count) for back in range(hours)]


def test_the_next_run_takes_the_new_hour_only(run: HourlyRun) -> None:
    run.world.add(rows_of(100))
    assert run.at(NOW) | {"symbols_cleaned_otherwise": 0} == {
        "hours": 100,
        "rows": 100,
        "changed": 100,
        "unequal_hours": 0,
        "symbols_cleaned_otherwise": 0,
        "from_the_future": 0,
    }
    run.world.add([Tweets("next", (NOW + 1) * HOUR, "BTC", 7)])
    done = run.at(NOW + 1)
    assert (done["hours"], done["rows"], done["changed"]) == (1, 1, 1)
    assert run.at(NOW + 1)["hours"] == 0


def test_a_late_and_a_corrected_row_come_in_and_are_counted_as_revisions(run: HourlyRun) -> None:
    run.world.add(rows_of(10))
    run.at(NOW)
    chaos_tweets.late(run.world.dsn, 6)
    chaos_tweets.revise(run.world.dsn, 2)
    assert run.at(NOW)["changed"] == 3
    found = run.warehouse.rows(
        'SELECT "timestamp" / 3600, count, revisions FROM token_metrics.rsd_metrics '
        "WHERE revisions > 0 ORDER BY 1"
    )
    assert found == [(NOW - 6, 10, 1), (NOW - 1, 6, 1), (NOW, 6, 1)]


def test_older_than_the_overlap_comes_with_the_look_at_everything(
    run: HourlyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGENDATA_TOKEN_OVERLAP_HOURS", "24")
    run.world.add(rows_of(200))
    run.at(NOW)
    chaos_tweets.late(run.world.dsn, 150)
    assert run.at(NOW)["hours"] == 0
    assert run.at(NOW, everything=True)["changed"] == 1


def test_counts_per_hour_of_both_sides_stand_beside_each_other(run: HourlyRun) -> None:
    bad = [
        Tweets(name, NOW * HOUR, name, count)
        for name, count in (("a", None), ("b", -1), ("c", 1.5), ("d", float("nan")), ("e", 1e12))
    ]
    run.world.add([*rows_of(1), *bad])
    run.at(NOW)
    sides = "SELECT source_rows, landed_rows, refused_rows FROM token_metrics.source_hours"
    assert run.warehouse.rows(sides) == [(6, 6, 5)]
    problems = (
        "SELECT symbol, problem FROM token_metrics.tweetvolumescleaned WHERE problem IS NOT NULL ORDER BY 1"
    )
    assert run.warehouse.rows(problems) == [
        ("a", "count is missing"),
        ("b", "count is negative"),
        ("c", "count is no whole number"),
        ("d", "count is no whole number"),
        ("e", "count is beyond belief"),
    ]
    assert run.warehouse.rows("SELECT symbol, count FROM token_metrics.rsd_metrics") == [("BTC", 5)]


def test_one_id_twice_in_an_hour_counts_once(run: HourlyRun) -> None:
    run.world.add([Tweets("same", NOW * HOUR, "BTC", 5), Tweets("same", NOW * HOUR, "BTC", 9)])
    assert run.at(NOW)["unequal_hours"] == 1
    assert run.warehouse.rows("SELECT count FROM token_metrics.rsd_metrics") == [(9,)]
    assert run.warehouse.rows("SELECT source_rows, landed_rows FROM token_metrics.source_hours") == [(2, 1)]


def test_rows_of_new_hours_without_an_id_count_as_one(run: HourlyRun) -> None:
    run.world.add(rows_of(2))
    run.world.do("UPDATE tweetvolumeshours SET id = NULL")
    run.world.do('UPDATE tweetvolumeshours SET "timestamp" = %s', [NOW * HOUR])
    assert run.at(NOW)["unequal_hours"] == 1
    assert run.warehouse.rows("SELECT id, count FROM token_metrics.tweetvolumeshours") == [("", 5)]


def test_rows_from_the_future_wait_for_their_hour(run: HourlyRun) -> None:
    run.world.add(rows_of(3))
    chaos_tweets.skew(run.world.dsn, 9)
    assert run.at(NOW)["from_the_future"] == 1
    assert run.warehouse.value("SELECT newest_hour / 3600 FROM token_metrics.progress") == NOW
    assert run.at(NOW + 9)["from_the_future"] == 0
    assert run.warehouse.value("SELECT newest_hour / 3600 FROM token_metrics.progress") == NOW + 9


def test_strange_symbols_are_kept_word_for_word_with_a_reason(run: HourlyRun) -> None:
    strange = ["", "O'Neil\"; --", "🚀", "x" * 200, "ETHbtc", None, "ab\n"]
    run.world.add(Tweets(str(number), NOW * HOUR, name, 1) for number, name in enumerate(strange))
    run.at(NOW)
    found = run.warehouse.rows(
        "SELECT raw_symbol, symbol, reason FROM token_metrics.tweetvolumescleaned ORDER BY id"
    )
    assert [row[0] for row in found] == strange
    assert [row[1] for row in found] == ["NOT_A_SYMBOL"] * 4 + ["ETH"] + ["NOT_A_SYMBOL"] * 2
    assert found[4][2] == "begins with the listed token ETH"
    assert found[2][2] == "begins with no listed token and holds '🚀', which is no Latin letter"
    assert (
        run.warehouse.value("SELECT count FROM token_metrics.rsd_metrics WHERE symbol = 'NOT_A_SYMBOL'") == 6
    )


def test_new_rules_clean_what_is_there_again(run: HourlyRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run.world.add([*rows_of(3, "BTC"), *rows_of(3, "BTCUSD", 2), *rows_of(3, "LINKS", 4)])
    monkeypatch.setattr(token_metrics, "read_cleaner", lambda: Cleaner.of(["LINK"]))
    run.at(NOW)
    counts = 'SELECT symbol, count FROM token_metrics.rsd_metrics WHERE "timestamp" = %s ORDER BY 1'
    assert run.warehouse.rows(counts, [NOW * HOUR]) == [("BTC", 5), ("LINK", 4), ("NOT_A_SYMBOL", 2)]
    monkeypatch.setattr(token_metrics, "read_cleaner", lambda: Cleaner.of(["BTC"]))
    assert run.at(NOW)["symbols_cleaned_otherwise"] == 2
    assert run.warehouse.rows(counts, [NOW * HOUR]) == [("BTC", 7), ("NOT_A_SYMBOL", 4)]


def test_the_source_down_is_told_by_name_and_readers_keep_what_there_is(run: HourlyRun) -> None:
    run.world.add(rows_of(3))
    run.at(NOW)
    before = run.metrics()
    chaos_db.down(run.world.dsn)
    with pytest.raises(SourceUnavailable, match="tokens_db: cannot reach"):
        run.at(NOW + 1)
    assert run.metrics() == before
    chaos_db.up(run.world.dsn)
    assert run.at(NOW + 1)["hours"] == 0


def test_a_source_that_goes_down_while_it_is_read_is_told_by_name(
    run: HourlyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sessions end between two batches; what was landed by then stays, and the rest comes later."""
    monkeypatch.setenv("REGENDATA_TOKEN_BATCH_HOURS", "10")
    monkeypatch.setenv("REGENDATA_TOKEN_CONNECTIONS", "1")
    run.world.add(rows_of(40))
    read, spans = TokenSource.rows, []

    def read_and_end(self: TokenSource, span: Span) -> Any:
        spans.append(span)
        if len(spans) == 3:
            chaos_db.down(run.world.dsn)
        return read(self, span)

    monkeypatch.setattr(TokenSource, "rows", read_and_end)
    with pytest.raises(SourceUnavailable, match="tokens_db: terminating connection"):
        run.at(NOW)
    assert run.warehouse.value("SELECT count(*) FROM token_metrics.tweetvolumeshours") == 19
    chaos_db.up(run.world.dsn)
    assert run.at(NOW)["hours"] == 21


def test_the_source_without_its_table_or_without_rows(run: HourlyRun) -> None:
    with pytest.raises(EmptySource, match="no rows"):
        run.at(NOW)
    run.world.do("ALTER TABLE tweetvolumeshours RENAME COLUMN count TO tweets")
    run.world.do("INSERT INTO tweetvolumeshours (id, timestamp) VALUES ('1', 3600)")
    with pytest.raises(SourceUnavailable, match="tokens_db: column"):
        run.at(NOW)


def test_an_hour_that_vanished_at_the_source_stays(run: HourlyRun) -> None:
    run.world.add(rows_of(5))
    run.at(NOW)
    before = run.metrics()
    run.world.do('DELETE FROM tweetvolumeshours WHERE "timestamp" < %s', [NOW * HOUR])
    run.at(NOW, everything=True)
    assert run.metrics() == before


def test_a_backlog_breaks_off_and_goes_on_where_it_was(
    run: HourlyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch of hours is a transaction of its own; a value that cannot be copied breaks the third."""
    monkeypatch.setenv("REGENDATA_TOKEN_BATCH_HOURS", "10")
    monkeypatch.setenv("REGENDATA_TOKEN_CONNECTIONS", "1")
    run.world.add(rows_of(40))
    run.world.do("ALTER TABLE tweetvolumeshours ALTER COLUMN sentiment TYPE text")
    run.world.do("UPDATE tweetvolumeshours SET sentiment = 'bad' WHERE id = 'BTC-15'")
    with pytest.raises(SourceUnavailable, match="invalid input syntax"):
        run.at(NOW)
    assert run.warehouse.value("SELECT count(*) FROM token_metrics.tweetvolumeshours") == 19
    run.world.do("UPDATE tweetvolumeshours SET sentiment = '0.5' WHERE id = 'BTC-15'")
    assert run.at(NOW)["hours"] == 21
    assert len(run.metrics()) == 40


def test_a_backlog_on_several_connections_is_the_same_in_the_end(
    run: HourlyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of 5 hours share days, symbols that were never seen, and hours of the metrics."""
    monkeypatch.setenv("REGENDATA_TOKEN_BATCH_HOURS", "5")
    monkeypatch.setattr(token_windows, "CHUNK_CELLS", 1)
    symbols = [f"S{letter}" for letter in "ABCDEFGH"] + ["no symbol", "BTCUSD"]
    run.world.add(row for symbol in symbols for row in rows_of(120, symbol))
    found = []
    for connections in ("1", "3"):
        monkeypatch.setenv("REGENDATA_TOKEN_CONNECTIONS", connections)
        run.warehouse.do("TRUNCATE " + ", ".join(f"token_metrics.{name}" for name in TABLES))
        assert run.at(NOW)["changed"] == 1_200
        found.append((run.metrics(), run.warehouse.rows(DAYS)))
    assert found[0] == found[1]
    assert sum(tweets for *_, tweets in found[0][1]) == 6_000


def test_an_error_on_one_of_several_connections_is_told(
    run: HourlyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGENDATA_TOKEN_BATCH_HOURS", "5")
    run.world.add(rows_of(40))
    run.world.do("ALTER TABLE tweetvolumeshours ALTER COLUMN sentiment TYPE text")
    run.world.do("UPDATE tweetvolumeshours SET sentiment = 'bad' WHERE id = 'BTC-30'")
    with pytest.raises(SourceUnavailable, match="invalid input syntax"):
        run.at(NOW)
    assert run.warehouse.value("SELECT count(*) FROM token_metrics.tweetvolumeshours") < 35
    run.world.do("UPDATE tweetvolumeshours SET sentiment = '0.5' WHERE id = 'BTC-30'")
    run.at(NOW)
    assert len(run.metrics()) == 40


def test_rows_that_change_while_they_are_copied_come_whole_now_and_new_next_time(
    run: HourlyRun, monkeypatch: pytest.MonkeyPatch, guarantee: Recorder
) -> None:
    monkeypatch.setenv("REGENDATA_TOKEN_BATCH_HOURS", "5")
    run.world.add(rows_of(40))
    seen = set()
    with chaos_tweets.churning(run.world.dsn, 40):
        for _ in range(3):
            run.at(NOW)
            seen.update(run.warehouse.rows("SELECT DISTINCT count FROM token_metrics.tweetvolumeshours"))
            assert run.warehouse.rows(UNLIKE_COUNTS) == [(1, 40)]
    assert run.at(NOW)["changed"] == 40
    current = run.world.rows("SELECT id, count FROM tweetvolumeshours ORDER BY 1")
    assert run.warehouse.rows("SELECT id, count FROM token_metrics.tweetvolumeshours ORDER BY 1") == current
    assert len(seen) == 3
    guarantee(
        "Tweet counts of one moment",
        promise="Rows of the tweet counts that change while they are copied, in batches and on several "
        "connections, come as they were at one moment, and as they are by then with the next run.",
        figures={"copies during changes": 3, "hours in batches of 5": 40},
    )


def test_the_session_at_the_source_cannot_write(run: HourlyRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_TOKENS_DB", run.world.dsn)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), open_source() as source:
        source.conn.execute("INSERT INTO tweetvolumeshours (id) VALUES ('marker')")


def test_rows_become_final_after_their_time(run: HourlyRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGENDATA_TOKEN_FINAL_HOURS", "3")
    run.world.add(rows_of(6))
    run.at(NOW)
    final = "SELECT count(*) FILTER (WHERE is_final), count(*) FROM token_metrics.rsd_metrics"
    assert run.warehouse.rows(final) == [(3, 6)]


def test_two_writers_wait_for_each_other(run: HourlyRun) -> None:
    run.world.add(rows_of(2))
    with connect() as conn, exclusively(conn), connect() as other:
        other.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable), exclusively(other):
            pass
