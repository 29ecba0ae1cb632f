/*
description: >
  Hours that are stored, each with its object; the object is written before the row, so what stands here can
  be read. Rows without a block time wait for the table of blocks.
columns:
  endpoint: "bids or payloads."
  relay: "Relay, by its name in the registry."
  hour: "Hours since 1970."
  object_uri: "Where the rows stand."
  sha256: "Checksum of the object."
  row_count: "Rows of the hour."
  byte_count: "Bytes of the object."
  undated_rows: "Rows without a block time yet."
  stored_at: "When the hour was stored last."
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
