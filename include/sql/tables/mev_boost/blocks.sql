/*
description: >
  Canonical blocks, as far as they are known yet; they come later than bids and payloads. A block that a
  reorganisation replaced is overwritten here. The unique constraint stands for its index.
columns:
  number: "Number of the block."
  hash: "Hash of the block."
  timestamp: "Time of the block."
  extra_data: "What the builder signed the block with, as text."
  changed_at: "When the row was written, or replaced after a reorganisation."
*/
CREATE TABLE mev_boost.blocks (
  number bigint PRIMARY KEY,
  hash text NOT NULL,
  timestamp timestamptz NOT NULL,
  extra_data text,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (timestamp, number)
);
