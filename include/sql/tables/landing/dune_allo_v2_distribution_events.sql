/*
description: Latest result of Dune query 4118421, one row per distribution event and role.
*/
CREATE TABLE landing.dune_allo_v2_distribution_events (
  blockchain text,
  tx_timestamp timestamptz,
  tx_hash text,
  address text,
  role text,
  gmv double precision,
  strategy_name text
);
