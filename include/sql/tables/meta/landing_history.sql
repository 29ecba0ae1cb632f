/*
description: One row per load of a landed table - rows, change to the load before, and the source's own time.
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
