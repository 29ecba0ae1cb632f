/*
description: >
  Canonical blocks, as far as they are known yet; they come later than bids and payloads. A block that a
  reorganisation replaced is overwritten here. The unique constraint stands for its index.
*/
CREATE TABLE mev_boost.blocks (
  number bigint PRIMARY KEY,
  hash text NOT NULL,
  timestamp timestamptz NOT NULL,
  extra_data text,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (timestamp, number)
);
