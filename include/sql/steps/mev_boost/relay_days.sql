/*
description: >
  Statistics of every relay over the slots of wanted_day (day, first_slot, end_slot; one row). A payload
  counts towards its slot even where the chain has another block: the relay did deliver it. What
  would be a million ether or more is left out of sums.
*/
WITH delivered AS (
  SELECT
    payload.relay,
    payload.slot,
    payload.reorged,
    payload.value,
    count(*) OVER (PARTITION BY payload.slot) AS deliveries,
    count(*) OVER (PARTITION BY payload.relay, payload.slot) AS own_deliveries
  FROM mev_boost.payloads AS payload
  WHERE
    payload.slot >= (SELECT wanted_day.first_slot FROM wanted_day)
    AND payload.slot < (SELECT wanted_day.end_slot FROM wanted_day)
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
    sum(delivered.value) FILTER (WHERE delivered.value < 10::numeric ^ 24) AS delivered_value
  FROM delivered
  GROUP BY delivered.relay
),

seen AS (
  SELECT
    bid.relay,
    bid.slot,
    bid.block_hash,
    min(bid.timestamp_ms) AS first_ms
  FROM mev_boost.bids AS bid
  WHERE
    bid.slot >= (SELECT wanted_day.first_slot FROM wanted_day)
    AND bid.slot < (SELECT wanted_day.end_slot FROM wanted_day)
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

lag_of AS (
  SELECT
    compared.relay,
    count(*) FILTER (WHERE compared.relays = 1) AS sole_blocks,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY compared.lag_ms) FILTER (
      WHERE compared.relays > 1
    ) AS median_lag_ms
  FROM compared
  GROUP BY compared.relay
),

bids_of AS (
  SELECT
    bid.relay,
    count(*) AS bids,
    count(DISTINCT bid.slot) AS bid_slots,
    count(DISTINCT bid.builder_pubkey) AS bidding_builders,
    percentile_disc(0.5) WITHIN GROUP (
      ORDER BY bid.timestamp_ms - (1606824023 + 12 * bid.slot) * 1000
    ) FILTER (WHERE bid.timestamp_ms > 0) AS median_lateness_ms
  FROM mev_boost.bids AS bid
  WHERE
    bid.slot >= (SELECT wanted_day.first_slot FROM wanted_day)
    AND bid.slot < (SELECT wanted_day.end_slot FROM wanted_day)
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
  bids_of.median_lateness_ms,
  lag_of.median_lag_ms,
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
  coalesce(bids_of.bidding_builders, 0) AS bidding_builders,
  coalesce(lag_of.sole_blocks, 0) AS sole_blocks
FROM relays
LEFT JOIN delivered_of ON relays.relay = delivered_of.relay
LEFT JOIN bids_of ON relays.relay = bids_of.relay
LEFT JOIN lag_of ON relays.relay = lag_of.relay
