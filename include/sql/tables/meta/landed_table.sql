/*
description: What each landed table holds now.
*/
CREATE TABLE meta.landed_table (
  relation text PRIMARY KEY,
  physical text NOT NULL,
  source text NOT NULL,
  cut_id bigint NOT NULL REFERENCES meta.cut (cut_id) ON DELETE RESTRICT,
  fingerprint text NOT NULL,
  row_count bigint NOT NULL,
  byte_count bigint NOT NULL,
  seconds double precision NOT NULL,
  landed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  details jsonb NOT NULL DEFAULT '{}'
);
