/*
description: >
  What include/sql/steps/mev_boost/relay_days.sql computes, of one UTC day (@day), for BigQuery. Medians come
  from counted values: a day's rows of a relay are too many to be sorted in one place.
*/
WITH delivered AS (
  SELECT
    payload.relay,
    payload.slot,
    payload.reorged,
    if(length(payload.value) <= 24, safe_cast(payload.value AS NUMERIC(38, 9)), NULL) AS value,
    count(*) OVER (PARTITION BY payload.slot) AS deliveries,
    count(*) OVER (PARTITION BY payload.relay, payload.slot) AS own_deliveries
  FROM `$payloads` AS payload
  WHERE payload.day = @day
),

delivered_of AS (
  SELECT
    delivered.relay,
    count(DISTINCT delivered.slot) AS delivered_slots,
    count(DISTINCT if(delivered.deliveries = delivered.own_deliveries, delivered.slot, NULL)) AS sole_slots,
    countif(delivered.reorged) AS reorged_payloads,
    countif(delivered.reorged IS NULL) AS unverified_payloads,
    sum(delivered.value) AS delivered_value
  FROM delivered
  GROUP BY delivered.relay
),

seen AS (
  SELECT
    bid.relay,
    bid.slot,
    bid.block_hash,
    min(bid.timestamp_ms) AS first_ms
  FROM `$bids` AS bid
  WHERE bid.day = @day
  GROUP BY bid.relay, bid.slot, bid.block_hash
),

compared AS (
  SELECT
    seen.relay,
    count(*) OVER block AS relays,
    seen.first_ms - min(seen.first_ms) OVER block AS lag_ms
  FROM seen
  WINDOW block AS (PARTITION BY seen.slot, seen.block_hash)
),

counted AS (
  SELECT
    compared.relay,
    'lag' AS measure,
    compared.lag_ms AS milliseconds,
    count(*) AS times
  FROM compared
  WHERE compared.relays > 1
  GROUP BY compared.relay, compared.lag_ms
  UNION ALL
  SELECT
    bid.relay,
    'lateness' AS measure,
    bid.timestamp_ms - (1606824023 + 12 * bid.slot) * 1000 AS milliseconds,
    count(*) AS times
  FROM `$bids` AS bid
  WHERE bid.day = @day AND bid.timestamp_ms > 0
  GROUP BY bid.relay, milliseconds
),

running AS (
  SELECT
    counted.relay,
    counted.measure,
    counted.milliseconds,
    sum(counted.times) OVER (
      PARTITION BY counted.relay, counted.measure ORDER BY counted.milliseconds
    ) AS upto,
    sum(counted.times) OVER (PARTITION BY counted.relay, counted.measure) AS total
  FROM counted
),

medians AS (
  SELECT
    running.relay,
    min(if(running.measure = 'lag', running.milliseconds, NULL)) AS lag_ms,
    min(if(running.measure = 'lateness', running.milliseconds, NULL)) AS lateness_ms
  FROM running
  WHERE 2 * running.upto >= running.total
  GROUP BY running.relay
),

sole_of AS (
  SELECT
    compared.relay,
    countif(compared.relays = 1) AS sole_blocks
  FROM compared
  GROUP BY compared.relay
),

bids_of AS (
  SELECT
    bid.relay,
    count(*) AS bids,
    count(DISTINCT bid.slot) AS bid_slots,
    count(DISTINCT bid.builder_pubkey) AS bidding_builders
  FROM `$bids` AS bid
  WHERE bid.day = @day
  GROUP BY bid.relay
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
  @day AS day,
  coalesce(delivered_of.delivered_slots, 0) AS delivered_slots,
  coalesce(round(
    cast(delivered_of.delivered_slots AS NUMERIC(38, 9))
    / (SELECT nullif(count(DISTINCT delivered.slot), 0) FROM delivered), 6
  ), 0) AS delivered_share,
  coalesce(delivered_of.sole_slots, 0) AS sole_delivered_slots,
  coalesce(delivered_of.reorged_payloads, 0) AS reorged_payloads,
  coalesce(delivered_of.unverified_payloads, 0) AS unverified_payloads,
  coalesce(delivered_of.delivered_value, 0) AS delivered_value,
  coalesce(bids_of.bids, 0) AS bids,
  coalesce(bids_of.bid_slots, 0) AS bid_slots,
  coalesce(bids_of.bidding_builders, 0) AS bidding_builders,
  coalesce(sole_of.sole_blocks, 0) AS sole_blocks
FROM relays
LEFT JOIN delivered_of ON relays.relay = delivered_of.relay
LEFT JOIN bids_of ON relays.relay = bids_of.relay
LEFT JOIN sole_of ON relays.relay = sole_of.relay
LEFT JOIN medians ON relays.relay = medians.relay
