/*
description: >
  The public data set: payloads of the last 28 days (7,200 slots each) up to the newest slot that is stored of
  any relay. A filter by day reads only those days.
*/
SELECT
  payloads.day,
  payloads.block_timestamp,
  payloads.relay,
  payloads.slot,
  payloads.parent_hash,
  payloads.block_hash,
  payloads.builder_pubkey,
  payloads.proposer_pubkey,
  payloads.proposer_fee_recipient,
  payloads.gas_limit,
  payloads.gas_used,
  payloads.value,
  payloads.num_tx,
  payloads.block_number,
  payloads.reorged
FROM `$payloads` AS payloads
WHERE payloads.day >= DATE '$public_payloads_day' AND payloads.slot >= $public_payloads_slot
