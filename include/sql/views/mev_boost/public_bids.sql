/*
description: >
  The public data set: bids of the last 28 days (7,200 slots each) up to the newest slot that is stored of
  any relay.
*/
SELECT
  bids.block_timestamp,
  bids.relay,
  bids.slot,
  bids.parent_hash,
  bids.block_hash,
  bids.builder_pubkey,
  bids.proposer_pubkey,
  bids.proposer_fee_recipient,
  bids.gas_limit,
  bids.gas_used,
  bids.value,
  bids.num_tx,
  bids.block_number,
  bids.timestamp,
  bids.timestamp_s,
  bids.timestamp_ms,
  bids.optimistic_submission
FROM mev_boost.bids
WHERE bids.slot >= (
  SELECT coalesce(max(upper(known.covered)), 0) - 28 * 7200
  FROM meta.coverage AS known
  WHERE known.source = 'mev_boost' AND known.endpoint = 'bids' AND NOT isempty(known.covered)
)
