/*
description: Tokens that symbols are recognised by, with the CoinMarketCap asset each one means.
columns:
  token: "Token that symbols begin with; letter case counts."
  asset_id: "Id of the asset at CoinMarketCap."
  asset_name: "Its name there."
  note: "What there is to know about it."
*/
CREATE TABLE reference.token_rules (
  token text,
  asset_id bigint,
  asset_name text,
  note text
);
