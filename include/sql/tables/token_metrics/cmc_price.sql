/*
description: Newest CoinMarketCap listing of each asset. The id is unique, the symbol is not.
columns:
  id: "Asset, by CoinMarketCap's id."
  name: "Name of the asset."
  slug: "Its part of CoinMarketCap's addresses."
  cmc_rank: "Rank by market capitalisation."
  max_supply: "Coins there can ever be; NULL without a limit."
  circulating_supply: "Coins in circulation."
  total_supply: "Coins there are."
  volume_change_24h: "Change of the volume in a day, in per cent."
  percent_change_1h: "Change of the price in an hour, in per cent."
  percent_change_24h: "Change of the price in a day, in per cent."
  percent_change_7d: "Change of the price in a week, in per cent."
  market_cap_dominance: "Share of the market capitalisation of all assets, in per cent."
  fully_diluted_market_cap: "Price times all coins there can be, in USD."
  last_updated: "When CoinMarketCap computed it."
  fetched_at: "When it was fetched."
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
