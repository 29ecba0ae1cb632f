/*
description: >
  Every delivered payload beside the canonical block of its number: what the relay says, what the chain has,
  and a verdict (landed, another block, other time, no block yet). Filter by day: the table asks for it.
*/
SELECT
  payload.day,
  payload.relay,
  payload.slot,
  payload.block_number,
  payload.block_hash,
  block.hash AS canonical_hash,
  payload.builder_pubkey,
  payload.value,
  CASE
    WHEN block.number IS NULL THEN 'no block yet'
    WHEN payload.block_hash != block.hash THEN 'another block'
    WHEN unix_seconds(block.timestamp) != 1606824023 + 12 * payload.slot THEN 'other time'
    ELSE 'landed'
  END AS verdict
FROM `$payloads` AS payload
LEFT JOIN `$blocks` AS block ON payload.block_number = block.number
