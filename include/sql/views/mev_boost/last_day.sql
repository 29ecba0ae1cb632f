/*
description: >
  What the small table of the website shows: payloads of the last day (7,200 slots) that is stored, one row
  per slot and block, with the relays that delivered it, the builder's name and the value in ether, to
  the gwei; what would be a million ether or more is not shown.
columns:
  builder_name: "Name the builder is known by."
  relays: "Relays that delivered it."
  slot_time: "Start of the slot."
  value_eth: "Payment to the validator in ether."
*/
WITH delivered AS (
  SELECT
    payload.slot,
    payload.block_number,
    payload.block_hash,
    payload.builder_pubkey,
    max(payload.value) FILTER (WHERE payload.value < 10::numeric ^ 24) AS value,
    max(payload.num_tx) AS num_tx,
    bool_or(payload.reorged) AS reorged,
    array_agg(payload.relay ORDER BY payload.relay) AS relays
  FROM mev_boost.payloads AS payload
  WHERE
    payload.slot >= (
      SELECT coalesce(max(upper(known.covered)), 0) - 7200
      FROM meta.coverage AS known
      WHERE known.source = 'mev_boost' AND known.endpoint = 'payloads' AND NOT isempty(known.covered)
    )
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
  to_timestamp(1606824023 + 12 * delivered.slot) AS slot_time,
  round(delivered.value / 1000000000000000000::numeric, 9) AS value_eth
FROM delivered
LEFT JOIN mev_boost.builder_names AS name ON delivered.builder_pubkey = name.builder_pubkey
