/*
description: One row per landing, a consistent set of tables read from one source in one snapshot.
*/
CREATE TABLE meta.cut (
  cut_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL,
  source_version text,
  run_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('landing', 'current', 'superseded', 'unchanged', 'failed')),
  snapshot_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz
);
