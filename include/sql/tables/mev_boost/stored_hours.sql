/*
description: >
  Hours that are stored, each with its object; the object is written before the row, so what stands here can
  be read. Rows without a block time wait for the table of blocks.
*/
CREATE TABLE mev_boost.stored_hours (
  endpoint text NOT NULL,
  relay text NOT NULL,
  hour bigint NOT NULL,
  object_uri text NOT NULL,
  sha256 text NOT NULL,
  row_count bigint NOT NULL,
  byte_count bigint NOT NULL,
  undated_rows bigint NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (hour, endpoint, relay)
);
