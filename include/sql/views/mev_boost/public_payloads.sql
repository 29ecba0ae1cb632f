/*
description: >
  The public data set: payloads of the last 28 days (7,200 slots each) up to the newest slot that is stored of
  any relay.
*/
SELECT
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
FROM mev_boost.payloads
WHERE payloads.slot >= (
  SELECT coalesce(max(upper(known.covered)), 0) - 28 * 7200
  FROM meta.coverage AS known
  WHERE known.source = 'mev_boost' AND known.endpoint = 'payloads' AND NOT isempty(known.covered)
)
