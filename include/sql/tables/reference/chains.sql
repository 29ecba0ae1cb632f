/*
description: Chains the warehouse knows - indexer id, display name, name on Dune.
columns:
  chain_id: "EIP-155 id."
  name: "As people call it."
  dune_name: "As Dune calls it."
  is_test: "A test network; its rows are left out everywhere."
*/
CREATE TABLE reference.chains (
  chain_id integer,
  name text,
  dune_name text,
  is_test boolean
);
