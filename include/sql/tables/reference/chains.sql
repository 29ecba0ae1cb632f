/*
description: Chains the warehouse knows - indexer id, display name, name on Dune.
*/
CREATE TABLE reference.chains (
  chain_id integer,
  name text,
  dune_name text,
  is_test boolean
);
