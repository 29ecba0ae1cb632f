/*
description: >
  Slots as relays say they delivered them: which relays, how many different blocks, and how far apart the
  values are that they name. More than one block cannot be true; the value should be the same everywhere.
  Filter by day: the table asks for it. Values are texts, compared as numbers.
*/
SELECT
  payload.day,
  payload.slot,
  array_agg(DISTINCT payload.relay ORDER BY payload.relay) AS relays,
  count(DISTINCT payload.relay) AS relay_count,
  count(DISTINCT payload.block_hash) AS block_count,
  coalesce(nullif(ltrim(min(lpad(payload.value, 78, '0')), '0'), ''), '0') AS least_value,
  coalesce(nullif(ltrim(max(lpad(payload.value, 78, '0')), '0'), ''), '0') AS most_value
FROM `$payloads` AS payload
GROUP BY payload.day, payload.slot
