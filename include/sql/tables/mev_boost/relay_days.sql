/*
description: >
  What each relay did on a UTC day, by slot. Shares are of the slots that any relay delivered. Lateness is
  counted from the start of the slot; lag from the first relay that had the same block, over blocks that
  several had. Written anew whenever a day is finished.
*/
CREATE TABLE mev_boost.relay_days (
  day date NOT NULL,
  relay text NOT NULL,
  delivered_slots bigint NOT NULL,
  delivered_share numeric NOT NULL,
  sole_delivered_slots bigint NOT NULL,
  reorged_payloads bigint NOT NULL,
  unverified_payloads bigint NOT NULL,
  delivered_value numeric(78, 0) NOT NULL,
  bids bigint NOT NULL,
  bid_slots bigint NOT NULL,
  bidding_builders bigint NOT NULL,
  sole_blocks bigint NOT NULL,
  median_lateness_ms bigint,
  median_lag_ms bigint,
  computed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (day, relay)
);
