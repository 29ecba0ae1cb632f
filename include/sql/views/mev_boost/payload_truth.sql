/*
description: >
  Every delivered payload beside the canonical block of its number: what the relay says, what the chain has,
  and a verdict (landed, another block, other time, no block yet).
columns:
  canonical_hash: "Hash of the block that the chain has; NULL while it is not known."
  verdict: "landed, another block, other time, or no block yet."
*/
SELECT
  payload.relay,
  payload.slot,
  payload.block_number,
  payload.block_hash,
  block.hash AS canonical_hash,
  payload.builder_pubkey,
  payload.value,
  CASE
    WHEN block.number IS NULL THEN 'no block yet'
    WHEN payload.block_hash <> block.hash THEN 'another block'
    WHEN extract(EPOCH FROM block.timestamp) <> 1606824023 + 12 * payload.slot THEN 'other time'
    ELSE 'landed'
  END AS verdict
FROM mev_boost.payloads AS payload
LEFT JOIN mev_boost.blocks AS block ON payload.block_number = block.number
