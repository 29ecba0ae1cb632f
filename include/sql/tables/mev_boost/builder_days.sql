/*
description: >
  Landed blocks of each builder on a UTC day, by what they are signed with. Written anew whenever a day is
  finished.
columns:
  day: "The day (UTC)."
  builder_pubkey: "Public key of the builder."
  extra_data: "What the blocks are signed with."
  blocks: "Blocks that landed on the chain."
  computed_at: "When the row was computed."
*/
CREATE TABLE mev_boost.builder_days (
  day date NOT NULL,
  builder_pubkey text NOT NULL,
  extra_data text NOT NULL,
  blocks bigint NOT NULL,
  computed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (day, builder_pubkey, extra_data)
);
