/*
description: >
  What the small table of the website shows: payloads of the last day (7,200 slots) that is stored, one row
  per slot and block, with the relays that delivered it, the builder's name and the value in ether, to
  the gwei; what would be a million ether or more is not shown.
*/
WITH delivered AS (
  SELECT
    payload.slot,
    payload.block_number,
    payload.block_hash,
    payload.builder_pubkey,
    max(if(length(payload.value) <= 24, safe_cast(payload.value AS NUMERIC(38, 9)), NULL)) AS value,
    max(payload.num_tx) AS num_tx,
    logical_or(payload.reorged) AS reorged,
    array_agg(payload.relay ORDER BY payload.relay) AS relays
  FROM `$payloads` AS payload
  WHERE payload.day >= DATE '$first_day' AND payload.slot >= $first_slot
  GROUP BY payload.slot, payload.block_number, payload.block_hash, payload.builder_pubkey
)

SELECT
  delivered.slot,
  delivered.block_number,
  delivered.block_hash,
  delivered.builder_pubkey,
  name.builder_name,
  delivered.num_tx,
  delivered.reorged,
  delivered.relays,
  timestamp_seconds(1606824023 + 12 * delivered.slot) AS slot_time,
  delivered.value / 1000000000000000000 AS value_eth
FROM delivered
LEFT JOIN `$builder_names` AS name ON delivered.builder_pubkey = name.builder_pubkey
