/*
description: >
  Payloads that relays say they delivered, one row per relay, slot and block. Partitioned by the UTC day in
  which the slot begins (7,200 slots each); hours are replaced as a whole.
columns:
  block_timestamp: "Time of the block on the chain; NULL until the table of blocks has it."
  relay: "Relay, by its name in the registry."
  slot: "Slot of the beacon chain, 12 seconds each."
  parent_hash: "Hash of the block before."
  block_hash: "Hash of the block."
  builder_pubkey: "Public key of the builder."
  proposer_pubkey: "Public key of the validator that proposes in the slot."
  proposer_fee_recipient: "Address the validator is paid at."
  gas_limit: "Gas the block may use."
  gas_used: "Gas the block uses."
  value: "Payment to the validator in wei."
  num_tx: "Transactions of the block."
  block_number: "Number of the block."
  reorged: "Whether the chain has another block there by now; NULL until the table of blocks tells."
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
