/*
description: What each landed table holds now.
columns:
  relation: "The table."
  physical: "Where its rows stand, schema included."
  source: "Name of the source."
  cut_id: "Number of the landing."
  fingerprint: "Hash of all that decides its rows; equal means nothing to do."
  row_count: "Rows in use."
  byte_count: "Bytes on disk, indexes included."
  seconds: "How long it took."
  landed_at: "When its rows came into use."
  details: "What else the source says of itself."
  parts: "Where its rows stand, in the order they came; empty when they stand in one piece."
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
  details jsonb NOT NULL DEFAULT '{}',
  parts text[] NOT NULL DEFAULT '{}'
);
