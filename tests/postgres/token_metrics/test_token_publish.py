"""What readers get: rankings, the newest hour, days, tokens with their asset, and anomalies."""

from __future__ import annotations

import threading

import pytest

from regendata import settings
from regendata.exceptions import SourceUnavailable
from regendata.landing.token_prices import land_prices
from regendata.sources.token_metrics.hours import HOUR
from sandbox import env
from sandbox.layout import Sandbox
from sandbox.upstreams.server import StandIns
from tests.support.guarantees import Recorder
from tests.support.token_run import HourlyRun
from tests.support.token_world import Tweets

pytestmark = pytest.mark.postgres
NOW = 492_000
WEEK = 168
#: Tweets an hour of the day before, and since.
SYMBOLS = {f"S{letter}": (100 + 10 * number, 200) for number, letter in enumerate("ABCDEFGHIJKLM")}


@pytest.fixture
def prices(stand_ins: StandIns, stand_ins_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    """CoinMarketCap's stand-in, and the connection that leads to it."""
    monkeypatch.setenv("AIRFLOW_CONN_COINMARKETCAP", env.connections(stand_ins_sandbox)["COINMARKETCAP"])
    return stand_ins


def day_and_day_before() -> list[Tweets]:
    """Two full days up to the hour NOW."""
    return [
        Tweets(f"{symbol}-{back}", (NOW - back) * HOUR, symbol, after if back < 24 else before)
        for symbol, (before, after) in SYMBOLS.items()
        for back in range(48)
    ]


def test_rankings_are_ten_of_the_newest_hour_in_order(run: HourlyRun) -> None:
    run.world.add([*day_and_day_before(), Tweets("small", NOW * HOUR, "tiny", 99)])
    run.at(NOW)
    run.publish()
    ranked = run.warehouse.rows("SELECT symbol, sma1_dif FROM token_metrics.trending ORDER BY rank")
    assert [symbol for symbol, _ in ranked] == list(SYMBOLS)[:10]
    assert ranked[0][1] == pytest.approx(1.0)
    falling = "SELECT symbol FROM token_metrics.{} ORDER BY rank"
    assert run.warehouse.rows(falling.format("descreasing")) == run.warehouse.rows(
        falling.format("decreasing")
    )
    assert [one for (one,) in run.warehouse.rows(falling.format("decreasing"))] == list(SYMBOLS)[:2:-1]


def test_an_hour_that_has_only_begun_to_arrive_is_not_ranked_yet(run: HourlyRun) -> None:
    run.world.add([*day_and_day_before(), Tweets("early", (NOW + 1) * HOUR, "SA", 500)])
    run.at(NOW + 1)
    run.publish()
    assert run.warehouse.value("SELECT timestamp FROM token_metrics.published_hour") == NOW * HOUR
    assert run.warehouse.value("SELECT max(timestamp) FROM token_metrics.rsd_metrics") == (NOW + 1) * HOUR


def test_days_and_tokens(run: HourlyRun) -> None:
    run.world.add(
        [
            Tweets("1", NOW * HOUR, "BTCUSD", 20, 0.5),
            Tweets("2", NOW * HOUR, "BTC", 5),
            Tweets("3", NOW * HOUR, "rare", 10),
            Tweets("4", NOW * HOUR, "no symbol at all", 7),
        ]
    )
    run.at(NOW)
    run.publish()
    trend = "SELECT tweets, other_tweets, symbols FROM token_metrics.tweet_trend"
    assert run.warehouse.rows(trend) == [(35, 7, 2)]
    assert run.warehouse.rows("SELECT symbol, tweets FROM token_metrics.tokens") == [("BTC", 25)]


def test_prices_go_by_id_and_tell_their_age(run: HourlyRun, prices: StandIns) -> None:
    prices.set("coinmarketcap", age_minutes=90)
    run.world.add(Tweets(symbol, NOW * HOUR, symbol, 200) for symbol in ("BTC", "APE", "NOPE", "NIL"))
    run.at(NOW)
    assert land_prices("test", settings.load())["assets"] > 50
    run.publish()
    rows = run.warehouse.rows(
        "SELECT symbol, asset_id, is_ambiguous, price IS NOT NULL, price_age_s / 60 "
        "FROM token_metrics.token_stats ORDER BY symbol"
    )
    assert rows == [
        ("APE", 18876, True, True, 90),
        ("BTC", 1, False, True, 90),
        ("NIL", 90002, False, False, 90),
        ("NOPE", None, None, False, None),
    ]


@pytest.mark.parametrize(
    ("settings_given", "trouble", "words"),
    [
        ({"error_code": 1010}, {}, "error 1010"),
        ({}, {"status": 500}, "HTTP 500, error 500"),
        ({}, {"html": True}, "not JSON"),
        ({}, {"drop": True}, "at http"),
    ],
)
def test_trouble_with_prices_leaves_the_last_ones(
    run: HourlyRun, prices: StandIns, settings_given: dict[str, int], trouble: dict[str, object], words: str
) -> None:
    land_prices("test", settings.load())
    before = run.warehouse.rows("SELECT * FROM token_metrics.cmc_price ORDER BY id")
    if settings_given:
        prices.set("coinmarketcap", **settings_given)
    if trouble:
        prices.trouble("coinmarketcap", **trouble)
    with pytest.raises(SourceUnavailable, match=words):
        land_prices("test", settings.load())
    assert run.warehouse.rows("SELECT * FROM token_metrics.cmc_price ORDER BY id") == before
    assert len(before) > 50


def test_a_limit_that_passes_is_waited_for(run: HourlyRun, prices: StandIns) -> None:
    prices.trouble("coinmarketcap", status=429, retry_after=1, times=1)
    assert land_prices("test", settings.load())["changed"] > 50
    assert [entry["status"] for entry in prices.received("coinmarketcap")] == [429, 200]


def test_an_older_price_never_replaces_a_newer_one(run: HourlyRun, prices: StandIns) -> None:
    land_prices("test", settings.load())
    newest = run.warehouse.value("SELECT max(last_updated) FROM token_metrics.cmc_price")
    prices.set("coinmarketcap", age_minutes=30)
    assert land_prices("test", settings.load())["changed"] == 0
    assert run.warehouse.value("SELECT max(last_updated) FROM token_metrics.cmc_price") == newest


def test_anomalies_compare_with_the_same_hour_of_earlier_weeks_without_incidents(run: HourlyRun) -> None:
    weeks = [100, 104, 96, 101, 99, 5_000]
    run.world.add(
        Tweets(f"{symbol}-{number}", (NOW - (number + 1) * WEEK) * HOUR, symbol, count)
        for symbol in ("LOUD", "calm")
        for number, count in enumerate(weeks)
    )
    run.world.add([Tweets("loud", NOW * HOUR, "LOUD", 400), Tweets("calm", NOW * HOUR, "calm", 103)])
    run.at(NOW)
    run.warehouse.do(
        "CREATE OR REPLACE VIEW reference.token_incidents AS SELECT to_timestamp("
        f"{(NOW - 6 * WEEK) * HOUR}) AS begins_at, to_timestamp({(NOW - 6 * WEEK + 1) * HOUR}) AS ends_at, "
        "'collector counted twice'::text AS reason"
    )
    run.publish()
    rows = run.warehouse.rows("SELECT symbol, weeks, usual, window_counts FROM token_metrics.anomalies")
    assert rows == [("LOUD", 5, 100.0, [100, 104, 96, 101, 99])]


def test_readers_never_find_a_ranking_empty(run: HourlyRun, guarantee: Recorder) -> None:
    run.world.add(day_and_day_before())
    run.at(NOW)
    run.publish()
    counts: list[int] = []
    is_over = threading.Event()

    def read() -> None:
        with run.warehouse.connect() as connection:
            while not is_over.is_set():
                row = connection.execute("SELECT count(*) FROM token_metrics.trending").fetchone()
                counts.append(row[0] if row else -1)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for hour in (1, 2):
            run.world.add(Tweets(f"{symbol}+{hour}", (NOW + hour) * HOUR, symbol, 300) for symbol in SYMBOLS)
            run.at(NOW + hour)
            run.publish()
    finally:
        is_over.set()
        reader.join()
    assert len(counts) > 20
    assert set(counts) == {10}
    guarantee(
        "Rankings never empty",
        promise="Whoever reads a ranking of token metrics while hours are published finds its ten rows.",
        figures={"reads": len(counts), "publishes": 2, "other numbers of rows": 0},
    )
