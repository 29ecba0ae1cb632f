/*
description: >
  Bids that relays received, one row per relay, slot, block, builder and millisecond: the same block may come
  again. Partitioned like payloads. No key over the five columns: an hour is stored without repeats and
  replaced as a whole, and an index of that width would cost more than the rest of loading.
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
  timestamp: "When the relay received the bid, to the second; NULL where it does not say."
  timestamp_s: "The same in seconds since 1970; 0 where it does not say."
  timestamp_ms: "The same in milliseconds; whole seconds of relays that say no more."
  optimistic_submission: "Whether the relay took the bid before it had proved it; NULL where it does not say."
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
