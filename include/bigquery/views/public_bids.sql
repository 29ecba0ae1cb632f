/*
description: >
  The public data set: bids of the last 28 days (7,200 slots each) up to the newest slot that is stored of
  any relay. A filter by day reads only those days.
*/
SELECT
  bids.day,
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
FROM `$bids` AS bids
WHERE bids.day >= DATE '$public_bids_day' AND bids.slot >= $public_bids_slot
