"""Prices of assets in the warehouse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation
from regendata.sources.token_metrics.prices import Listing

PRICE_TABLES = (Relation("token_metrics", "cmc_price"),)

_INCOMING = "CREATE TEMP TABLE cmc_incoming (LIKE token_metrics.cmc_price) ON COMMIT DROP"
_NEWEST = """
MERGE INTO token_metrics.cmc_price AS newest USING cmc_incoming AS incoming ON newest.id = incoming.id
WHEN MATCHED AND newest.last_updated < incoming.last_updated THEN UPDATE SET
  symbol = incoming.symbol, name = incoming.name, slug = incoming.slug, cmc_rank = incoming.cmc_rank,
  max_supply = incoming.max_supply, circulating_supply = incoming.circulating_supply,
  total_supply = incoming.total_supply, price = incoming.price, volume_24h = incoming.volume_24h,
  volume_change_24h = incoming.volume_change_24h, percent_change_1h = incoming.percent_change_1h,
  percent_change_24h = incoming.percent_change_24h, percent_change_7d = incoming.percent_change_7d,
  market_cap = incoming.market_cap, market_cap_dominance = incoming.market_cap_dominance,
  fully_diluted_market_cap = incoming.fully_diluted_market_cap, last_updated = incoming.last_updated,
  fetched_at = incoming.fetched_at
WHEN NOT MATCHED THEN INSERT VALUES (incoming.*)
"""
_HISTORY = """
INSERT INTO token_metrics.cmc_price_history (id, last_updated, price, market_cap, volume_24h, fetched_at)
SELECT id, last_updated, price, market_cap, volume_24h, fetched_at FROM cmc_incoming ON CONFLICT DO NOTHING
"""


def write_prices(conn: PgConnection, listings: Iterable[Listing], fetched_at: datetime) -> int:
    """Write the newest price of each asset and keep every one; part of the caller's transaction.

    :returns: assets whose newest price is another one now.
    """
    conn.execute(_INCOMING)
    with conn.cursor() as cursor, cursor.copy("COPY cmc_incoming FROM STDIN") as copy:
        for listing in listings:
            copy.write_row((*listing.row, fetched_at))
    conn.execute(_HISTORY)
    return conn.execute(_NEWEST).rowcount
