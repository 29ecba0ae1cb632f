/*
description: >
  Payloads that relays say they delivered, one row per relay, slot and block. Partitioned by the UTC day in
  which the slot begins (7,200 slots each); hours are replaced as a whole.
*/
CREATE TABLE mev_boost.payloads (
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
  reorged boolean,
  PRIMARY KEY (relay, slot, block_hash)
) PARTITION BY RANGE (slot);
