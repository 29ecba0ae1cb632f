/*
description: One row per landing, a consistent set of tables read from one source in one snapshot.
columns:
  cut_id: "Number of the landing."
  source: "Name of the source."
  source_version: "Version of the source, where it has one."
  run_id: "Run of the DAG."
  state: "Whether its tables are in use."
  snapshot_at: "The moment of the source that all tables show."
  started_at: "When it began."
  finished_at: "When it ended; NULL while it goes on."
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
