/*
description: Newest CoinMarketCap listing of each asset. The id is unique, the symbol is not.
*/
CREATE TABLE token_metrics.cmc_price (
  id bigint PRIMARY KEY,
  symbol text NOT NULL,
  name text,
  slug text,
  cmc_rank integer,
  max_supply double precision,
  circulating_supply double precision,
  total_supply double precision,
  price double precision,
  volume_24h double precision,
  volume_change_24h double precision,
  percent_change_1h double precision,
  percent_change_24h double precision,
  percent_change_7d double precision,
  market_cap double precision,
  market_cap_dominance double precision,
  fully_diluted_market_cap double precision,
  last_updated timestamptz NOT NULL,
  fetched_at timestamptz NOT NULL
);
