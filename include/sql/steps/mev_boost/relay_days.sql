/*
description: >
  Statistics of every relay over a UTC day: wanted_day, and of it day_payloads and day_bids, as each warehouse
  defines them. A payload counts towards its slot even where the chain has another block: the relay did
  deliver it. Medians come from counted milliseconds, and who had a block from bids grouped by it: a day's
  bids are sorted once, by block.
*/
WITH delivered AS (
  SELECT
    payload.relay,
    payload.slot,
    payload.reorged,
    payload.summed_value,
    count(*) OVER (PARTITION BY payload.slot) AS deliveries,
    count(*) OVER (PARTITION BY payload.relay, payload.slot) AS own_deliveries
  FROM day_payloads AS payload
),

delivered_of AS (
  SELECT
    delivered.relay,
    count(DISTINCT delivered.slot) AS delivered_slots,
    count(DISTINCT delivered.slot) FILTER (
      WHERE delivered.deliveries = delivered.own_deliveries
    ) AS sole_delivered_slots,
    count(*) FILTER (WHERE delivered.reorged) AS reorged_payloads,
    count(*) FILTER (WHERE delivered.reorged IS NULL) AS unverified_payloads,
    sum(delivered.summed_value) AS delivered_value
  FROM delivered
  GROUP BY delivered.relay
),

seen AS (
  SELECT
    bid.slot,
    bid.block_hash,
    bid.relay,
    min(bid.timestamp_ms) AS first_ms
  FROM day_bids AS bid
  GROUP BY bid.slot, bid.block_hash, bid.relay
),

beside AS (
  SELECT
    seen.relay,
    count(*) OVER (PARTITION BY seen.slot, seen.block_hash) > 1 AS is_shared,
    seen.first_ms - min(seen.first_ms) OVER (PARTITION BY seen.slot, seen.block_hash) AS lag_ms
  FROM seen
),

compared AS (
  SELECT
    beside.relay,
    beside.is_shared,
    beside.lag_ms,
    count(*) AS times
  FROM beside
  GROUP BY beside.relay, beside.is_shared, beside.lag_ms
),

late AS (
  SELECT
    bid.relay,
    bid.builder_pubkey,
    bid.slot,
    bid.timestamp_ms - (1606824023 + 12 * bid.slot) * 1000 AS late_ms,
    bid.timestamp_ms > 0 AS is_timed
  FROM day_bids AS bid
),

counted AS (
  SELECT
    compared.relay,
    'lag' AS measure,
    compared.lag_ms AS milliseconds,
    compared.times
  FROM compared
  WHERE compared.is_shared
  UNION ALL
  SELECT
    late.relay,
    'lateness' AS measure,
    late.late_ms AS milliseconds,
    count(*) AS times
  FROM late
  WHERE late.is_timed
  GROUP BY late.relay, late.late_ms
),

running AS (
  SELECT
    counted.relay,
    counted.measure,
    counted.milliseconds,
    sum(counted.times) OVER (
      PARTITION BY counted.relay, counted.measure ORDER BY counted.milliseconds NULLS FIRST
    ) AS upto,
    sum(counted.times) OVER (PARTITION BY counted.relay, counted.measure) AS total
  FROM counted
),

medians AS (
  SELECT
    running.relay,
    min(running.milliseconds) FILTER (WHERE running.measure = 'lag') AS lag_ms,
    min(running.milliseconds) FILTER (WHERE running.measure = 'lateness') AS lateness_ms
  FROM running
  WHERE 2 * running.upto >= running.total
  GROUP BY running.relay
),

sole_of AS (
  SELECT
    compared.relay,
    sum(compared.times) AS sole_blocks
  FROM compared
  WHERE NOT compared.is_shared
  GROUP BY compared.relay
),

slots_of AS (
  SELECT
    late.relay,
    late.slot,
    count(*) AS bids
  FROM late
  GROUP BY late.relay, late.slot
),

builders AS (
  SELECT DISTINCT
    late.relay,
    late.builder_pubkey
  FROM late
),

builders_of AS (
  SELECT
    builders.relay,
    count(*) AS bidding_builders
  FROM builders
  GROUP BY builders.relay
),

bids_of AS (
  SELECT
    slots_of.relay,
    sum(slots_of.bids) AS bids,
    count(*) AS bid_slots
  FROM slots_of
  GROUP BY slots_of.relay
),

relays AS (
  SELECT delivered_of.relay
  FROM delivered_of
  UNION DISTINCT
  SELECT bids_of.relay
  FROM bids_of
)

SELECT
  relays.relay,
  medians.lateness_ms AS median_lateness_ms,
  medians.lag_ms AS median_lag_ms,
  (SELECT wanted_day.day FROM wanted_day) AS day,
  coalesce(delivered_of.delivered_slots, 0) AS delivered_slots,
  coalesce(round(
    delivered_of.delivered_slots::numeric
    / (SELECT nullif(count(DISTINCT delivered.slot), 0) FROM delivered), 6
  ), 0) AS delivered_share,
  coalesce(delivered_of.sole_delivered_slots, 0) AS sole_delivered_slots,
  coalesce(delivered_of.reorged_payloads, 0) AS reorged_payloads,
  coalesce(delivered_of.unverified_payloads, 0) AS unverified_payloads,
  coalesce(delivered_of.delivered_value, 0) AS delivered_value,
  coalesce(bids_of.bids, 0) AS bids,
  coalesce(bids_of.bid_slots, 0) AS bid_slots,
  coalesce(builders_of.bidding_builders, 0) AS bidding_builders,
  coalesce(sole_of.sole_blocks, 0) AS sole_blocks
FROM relays
LEFT JOIN delivered_of ON relays.relay = delivered_of.relay
LEFT JOIN bids_of ON relays.relay = bids_of.relay
LEFT JOIN builders_of ON relays.relay = builders_of.relay
LEFT JOIN sole_of ON relays.relay = sole_of.relay
LEFT JOIN medians ON relays.relay = medians.relay
