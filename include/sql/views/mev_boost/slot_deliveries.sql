/*
description: >
  Slots as relays say they delivered them: which relays, how many different blocks, and how far apart the
  values are that they name. More than one block cannot be true; the value should be the same everywhere.
columns:
  relays: "Relays that say they delivered it."
  relay_count: "How many relays that are."
  block_count: "How many different blocks they name."
  least_value: "Least value that is named, in wei."
  most_value: "Highest value that is named, in wei."
*/
SELECT
  payload.slot,
  array_agg(DISTINCT payload.relay ORDER BY payload.relay) AS relays,
  count(DISTINCT payload.relay) AS relay_count,
  count(DISTINCT payload.block_hash) AS block_count,
  min(payload.value) AS least_value,
  max(payload.value) AS most_value
FROM mev_boost.payloads AS payload
GROUP BY payload.slot
