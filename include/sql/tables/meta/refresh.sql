/*
description: >
  The receipt of each refresh - what was read, built, checked, approved and published, what changed, and the
  bytes that kept builds take.
columns:
  build_id: "Number of the build."
  system: "Folder of models that are published together."
  dag_id: "DAG that wrote it."
  run_id: "Run of the DAG."
  dag_version: "Version of the DAG."
  outcome: "Whether readers got something new."
  started_at: "When it began."
  finished_at: "When it ended; NULL while it goes on."
  publish_attempts: "Tries until all locks were there."
  publish_seconds: "Seconds of these tries."
  sources: "Version and snapshot of each source."
  relations: "Rows, bytes, amount and seconds of each relation."
  checks: "Verdict of each check."
  diffs: "What changed in each relation."
  approval: "Question and answer, if there was one."
  disk: "Bytes of each kept build."
  reason: "Why nothing was built, where nothing was."
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
