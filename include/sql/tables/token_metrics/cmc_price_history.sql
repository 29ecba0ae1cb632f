/*
description: Every price of an asset that was fetched, once per moment CoinMarketCap computed one.
columns:
  id: "Asset, by CoinMarketCap's id."
  last_updated: "When CoinMarketCap computed the price."
  price: "Price in USD."
  market_cap: "Market capitalisation in USD."
  volume_24h: "Traded in a day, in USD."
  fetched_at: "When it was fetched."
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
