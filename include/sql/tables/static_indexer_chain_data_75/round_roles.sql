/*
description: Addresses that manage or administer a round, frozen copy of indexer schema chain_data_75.
*/
CREATE TABLE static_indexer_chain_data_75.round_roles (
  chain_id integer,
  round_id text,
  address text,
  role text,
  created_at_block numeric(78, 0)
);
