"""Which token a symbol stands for, and why."""

from __future__ import annotations

import pytest

from regendata.sources.token_metrics.cleaning import NOT_A_SYMBOL, Cleaner

CLEANER = Cleaner.of(["BTC", "BTCB", "ETH", "BTC", ""])


@pytest.mark.parametrize(
    ("raw", "symbol", "rule"),
    [
        ("BTC", "BTC", "listed_token"),
        ("BTCUSD", "BTC", "listed_token"),
        ("BTCBUSD", "BTCB", "listed_token"),
        ("btcusd", NOT_A_SYMBOL, "not_a_symbol"),
        ("btc", "btc", "plain_ticker"),
        ("AAPL", "AAPL", "plain_ticker"),
        ("APPLE", NOT_A_SYMBOL, "not_a_symbol"),
        ("A1", NOT_A_SYMBOL, "not_a_symbol"),
        ("äbc", NOT_A_SYMBOL, "not_a_symbol"),
        ("ab\n", NOT_A_SYMBOL, "not_a_symbol"),
        ("", NOT_A_SYMBOL, "not_a_symbol"),
    ],
)
def test_the_longest_token_first_then_short_tickers(raw: str, symbol: str, rule: str) -> None:
    found = CLEANER.clean(raw)
    assert (found.raw_symbol, found.symbol, found.rule) == (raw, symbol, rule)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("BTCB1", "begins with the listed token BTCB"),
        ("APPLE", "begins with no listed token and has 5 letters, more than 4"),
        ("🚀", "begins with no listed token and holds '🚀', which is no Latin letter"),
        ("", "is empty"),
    ],
)
def test_the_reason_in_words(raw: str, reason: str) -> None:
    assert CLEANER.clean(raw).reason == reason


def test_the_version_tells_other_rules_not_another_order() -> None:
    assert CLEANER.version == Cleaner.of(["ETH", "BTCB", "BTC"]).version
    assert CLEANER.version != Cleaner.of(["BTC", "ETH"]).version
