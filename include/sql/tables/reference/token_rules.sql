/*
description: Tokens that symbols are recognised by, with the CoinMarketCap asset each one means.
*/
CREATE TABLE reference.token_rules (
  token text,
  asset_id bigint,
  asset_name text,
  note text
);
