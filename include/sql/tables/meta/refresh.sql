/*
description: >
  The receipt of each refresh - what was read, built, checked, approved and published, what changed, and the
  bytes that kept builds take.
*/
CREATE TABLE meta.refresh (
  build_id bigint PRIMARY KEY REFERENCES meta.build (build_id) ON DELETE RESTRICT,
  system text NOT NULL,
  dag_id text NOT NULL,
  run_id text NOT NULL,
  dag_version text,
  outcome text NOT NULL CHECK (outcome IN ('published', 'unchanged')),
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  publish_attempts integer,
  publish_seconds double precision,
  sources jsonb NOT NULL,
  relations jsonb NOT NULL,
  checks jsonb NOT NULL,
  diffs jsonb NOT NULL DEFAULT '[]',
  approval jsonb,
  disk jsonb NOT NULL DEFAULT '[]',
  reason text
);
