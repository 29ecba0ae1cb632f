/*
description: Every price of an asset that was fetched, once per moment CoinMarketCap computed one.
*/
CREATE TABLE token_metrics.cmc_price_history (
  id bigint NOT NULL,
  last_updated timestamptz NOT NULL,
  price double precision,
  market_cap double precision,
  volume_24h double precision,
  fetched_at timestamptz NOT NULL,
  PRIMARY KEY (id, last_updated)
);
