/*
description: >
  Donations of each chain and day, counted once per physical relation after it was published, so that nobody
  who looks for gaps reads all of them again.
columns:
  physical: "Where the rows stand, schema included."
  chain_id: "EIP-155 id of the chain."
  day: "The day (UTC)."
  row_count: "Rows."
*/
CREATE TABLE meta.chain_day (
  physical text NOT NULL,
  chain_id integer NOT NULL,
  day date NOT NULL,
  row_count bigint NOT NULL,
  PRIMARY KEY (physical, day, chain_id)
);
