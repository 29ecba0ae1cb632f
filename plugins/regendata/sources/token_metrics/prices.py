"""CoinMarketCap's listings: one page of the answer -> typed rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from regendata.exceptions import BadSourceAnswer, SourceUnavailable

CONN_ID = "coinmarketcap"
PAGE_COINS = 5_000
WHAT = "CoinMarketCap listings"


@dataclass(frozen=True)
class Listing:
    """One asset. ``id`` is unique, ``symbol`` is not; any figure may be missing; money is USD."""

    id: int
    symbol: str
    name: str | None
    slug: str | None
    cmc_rank: int | None
    max_supply: float | None
    circulating_supply: float | None
    total_supply: float | None
    price: float | None
    volume_24h: float | None
    volume_change_24h: float | None
    percent_change_1h: float | None
    percent_change_24h: float | None
    percent_change_7d: float | None
    market_cap: float | None
    market_cap_dominance: float | None
    fully_diluted_market_cap: float | None
    last_updated: datetime

    @property
    def row(self) -> tuple[Any, ...]:
        """Values in the order of the fields, which is that of the table's columns."""
        return astuple(self)


def check_status(body: Any) -> None:
    """CoinMarketCap may answer 200 and tell of an error in the body only.

    :raises SourceUnavailable: with its code and words (1001 bad key, 1008 to 1011 limits, 500 its own).
    :raises BadSourceAnswer: no status at all.
    """
    status = body.get("status") if isinstance(body, Mapping) else None
    if not isinstance(status, Mapping) or "error_code" not in status:
        raise BadSourceAnswer(f"{WHAT}: the answer has no status")
    if str(status["error_code"]) != "0":
        raise SourceUnavailable(f"{WHAT}: error {status['error_code']}: {status.get('error_message')}")


def to_listings(body: Mapping[str, Any]) -> Iterator[Listing]:
    """Typed rows of one page. Fields came and went over the years: what is not there is None.

    :raises BadSourceAnswer: naming asset and field.
    """
    coins = body.get("data")
    if not isinstance(coins, list):
        raise BadSourceAnswer(f"{WHAT}: the answer has no list of assets")
    for number, coin in enumerate(coins, start=1):
        try:
            yield _listing(coin)
        except (KeyError, TypeError, ValueError) as error:
            name = coin.get("id", number) if isinstance(coin, Mapping) else number
            raise BadSourceAnswer(f"{WHAT}: asset {name}: {type(error).__name__} {error}") from error


def _listing(coin: Mapping[str, Any]) -> Listing:
    quote = coin["quote"]["USD"]
    return Listing(
        id=int(coin["id"]),
        symbol=str(coin["symbol"]),
        name=coin.get("name"),
        slug=coin.get("slug"),
        cmc_rank=None if coin.get("cmc_rank") is None else int(coin["cmc_rank"]),
        max_supply=_number(coin, "max_supply"),
        circulating_supply=_number(coin, "circulating_supply"),
        total_supply=_number(coin, "total_supply"),
        price=_number(quote, "price"),
        volume_24h=_number(quote, "volume_24h"),
        volume_change_24h=_number(quote, "volume_change_24h"),
        percent_change_1h=_number(quote, "percent_change_1h"),
        percent_change_24h=_number(quote, "percent_change_24h"),
        percent_change_7d=_number(quote, "percent_change_7d"),
        market_cap=_number(quote, "market_cap"),
        market_cap_dominance=_number(quote, "market_cap_dominance"),
        fully_diluted_market_cap=_number(quote, "fully_diluted_market_cap"),
        last_updated=datetime.fromisoformat(str(quote["last_updated"]).replace("Z", "+00:00")),
    )


def _number(values: Mapping[str, Any], name: str) -> float | None:
    """A finite number, or None."""
    value = values.get(name)
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None
