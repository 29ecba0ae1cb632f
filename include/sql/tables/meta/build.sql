/*
description: One row per build of the published relations.
*/
CREATE TABLE meta.build (
  build_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  system text NOT NULL,
  run_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('building', 'published', 'unchanged', 'failed')),
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  reason text
);
