/*
description: >
  Bids that relays received, one row per relay, slot, block, builder and millisecond: the same block may come
  again. Partitioned like payloads. No key over the five columns: an hour is stored without repeats and
  replaced as a whole, and an index of that width would cost more than the rest of loading.
*/
CREATE TABLE mev_boost.bids (
  block_timestamp timestamptz,
  relay text NOT NULL,
  slot bigint NOT NULL,
  parent_hash text NOT NULL,
  block_hash text NOT NULL,
  builder_pubkey text NOT NULL,
  proposer_pubkey text NOT NULL,
  proposer_fee_recipient text NOT NULL,
  gas_limit bigint NOT NULL,
  gas_used bigint NOT NULL,
  value numeric(78, 0) NOT NULL,
  num_tx bigint NOT NULL,
  block_number bigint NOT NULL,
  timestamp timestamptz,
  timestamp_s bigint NOT NULL,
  timestamp_ms bigint NOT NULL,
  optimistic_submission boolean
) PARTITION BY RANGE (slot);
