"""CoinMarketCap's answers, old and new, good and bad."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.paths import REPOSITORY
from regendata.sources.token_metrics.prices import check_status, to_listings

REAL = Path(os.environ.get("REGENDATA_REAL_DATA") or REPOSITORY.parent / "shared" / "data")
LISTINGS = REAL / "token_metrics" / "listings_latest_2021-04-20.json"


def coin(**changes: Any) -> dict[str, Any]:
    quote = {"USD": {"price": 2.5, "last_updated": "2026-03-04T05:06:07.000Z"}}
    return {"id": 1, "symbol": "BTC", "name": "Bitcoin", "quote": quote} | changes


def test_what_is_not_there_is_none() -> None:
    (found,) = to_listings({"data": [coin()]})
    assert (found.id, found.symbol, found.price) == (1, "BTC", 2.5)
    assert found.last_updated == datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
    assert (found.max_supply, found.market_cap, found.cmc_rank) == (None, None, None)


@pytest.mark.parametrize("price", [None, float("nan"), float("inf")])
def test_a_price_that_is_no_number_is_none(price: float | None) -> None:
    quote = {"USD": {"price": price, "last_updated": "2026-03-04T05:06:07Z"}}
    (found,) = to_listings({"data": [coin(quote=quote)]})
    assert found.price is None


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (coin(quote={}), "asset 1: KeyError 'USD'"),
        (coin(id="one"), "asset one: ValueError"),
        (coin(quote={"USD": {"price": "much", "last_updated": "2026-03-04"}}), "could not convert"),
        (7, "asset 2: TypeError"),
    ],
)
def test_an_asset_unlike_the_format_is_named(broken: Any, words: str) -> None:
    with pytest.raises(BadSourceAnswer, match=words):
        list(to_listings({"data": [coin(), broken]}))


@pytest.mark.parametrize("body", [None, [], {}, {"status": None}, {"status": {}}])
def test_an_answer_without_a_status(body: Any) -> None:
    with pytest.raises(BadSourceAnswer, match="no status"):
        check_status(body)


@pytest.mark.parametrize("code", [1001, 1008, 1009, 1010, 1011, "500"])
def test_an_error_in_the_body_is_an_error(code: int | str) -> None:
    with pytest.raises(SourceUnavailable, match=f"error {code}: too much"):
        check_status({"status": {"error_code": code, "error_message": "too much"}})
    check_status({"status": {"error_code": "0"}})


@pytest.mark.skipif(not LISTINGS.exists(), reason=f"no real answer at {LISTINGS} (set REGENDATA_REAL_DATA)")
def test_a_real_answer() -> None:
    body = json.loads(LISTINGS.read_text(encoding="utf-8"))
    check_status(body)
    found = {listing.id: listing for listing in to_listings(body)}
    assert len(found) == 100
    assert found[1].price == 56507.38254720854
    assert found[1].volume_change_24h is None
