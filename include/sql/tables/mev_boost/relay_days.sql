/*
description: >
  What each relay did on a UTC day, by slot. Shares are of the slots that any relay delivered. Lateness is
  counted from the start of the slot; lag from the first relay that had the same block, over blocks that
  several had. Written anew whenever a day is finished.
columns:
  day: "The day (UTC)."
  relay: "Relay, by its name in the registry."
  delivered_slots: "Slots with a payload of this relay."
  delivered_share: "Of the slots that any relay delivered, from 0 to 1."
  sole_delivered_slots: "Slots that no other relay delivered."
  reorged_payloads: "Payloads in whose place the chain has another block."
  unverified_payloads: "Payloads whose block is not known yet."
  delivered_value: "Sum of its payloads in wei."
  bids: "Bids it received."
  bid_slots: "Slots with a bid."
  bidding_builders: "Builders with a bid."
  sole_blocks: "Blocks that were bid nowhere else."
  median_lateness_ms: "Median bid after the start of its slot, in milliseconds."
  median_lag_ms: "Median of blocks that several relays had, after the first of them, in milliseconds."
  computed_at: "When the row was computed."
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
