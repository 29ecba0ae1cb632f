"""Land CoinMarketCap's prices: the newest of each asset, and every one that was fetched."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from regendata.exceptions import EmptySource
from regendata.hooks.coinmarketcap import CoinMarketCapHook
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.growing import record_growth
from regendata.hooks.warehouse.token_prices import PRICE_TABLES, write_prices
from regendata.settings import Settings
from regendata.sources.token_metrics.prices import WHAT

SOURCE = "coinmarketcap"


def land_prices(run_id: str, settings: Settings) -> dict[str, Any]:
    """Fetch and write; an older price never replaces a newer one.

    :raises SourceUnavailable: no answer, a limit, or an error code; the last prices stay, with their age.
    :raises EmptySource: an answer without assets.
    """
    listings = CoinMarketCapHook().listings(settings.coinmarketcap_coins)
    if not listings:
        raise EmptySource(f"{WHAT}: the answer holds no asset; the last prices stay in use")
    fetched_at = datetime.now(timezone.utc)
    with connect() as conn, conn.transaction():
        changed = write_prices(conn, listings, fetched_at)
        record_growth(conn, SOURCE, run_id, PRICE_TABLES if changed else ())
    return {"assets": len(listings), "changed": changed}
