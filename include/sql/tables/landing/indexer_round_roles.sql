/*
description: Addresses that manage or administer a round, as landed from the Grants Stack Indexer.
*/
CREATE TABLE landing.indexer_round_roles (
  chain_id integer,
  round_id text,
  address text,
  role text,
  created_at_block numeric(78, 0)
);
