/*
description: >
  Slots of which nothing is known at present, because their relay did not answer: one row per range, with the
  last error. A range goes when it is fetched.
columns:
  first_slot: "First slot of the range."
  last_slot: "Last slot of the range."
*/
SELECT
  failed.endpoint,
  failed.relay,
  failed.error,
  failed.first_failed_at,
  failed.failed_at,
  lower(part.slots) AS first_slot,
  upper(part.slots) - 1 AS last_slot
FROM meta.coverage_unknown AS failed
CROSS JOIN LATERAL unnest(failed.slots) AS part (slots)
WHERE failed.source = 'mev_boost'
