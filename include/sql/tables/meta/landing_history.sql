/*
description: One row per load of a landed table - rows, change to the load before, and the source's own time.
columns:
  cut_id: "Number of the landing."
  relation: "The table."
  source: "Name of the source."
  row_count: "Rows."
  row_change: "Rows more or fewer than the load before."
  byte_count: "Bytes on disk, indexes included."
  seconds: "How long it took."
  source_at: "The source's own time."
  landed_at: "When its rows came into use."
  details: "What else the source says of itself."
*/
CREATE TABLE meta.landing_history (
  cut_id bigint NOT NULL REFERENCES meta.cut (cut_id) ON DELETE RESTRICT,
  relation text NOT NULL,
  source text NOT NULL,
  row_count bigint NOT NULL,
  row_change bigint,
  byte_count bigint NOT NULL,
  seconds double precision NOT NULL,
  source_at timestamptz,
  landed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (cut_id, relation)
);
