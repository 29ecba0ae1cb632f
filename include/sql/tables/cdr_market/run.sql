/*
description: One row per run of an environment - what became of it, its checks, and the published set.
*/
CREATE TABLE cdr_market.run (
  env text NOT NULL,
  run_id text NOT NULL,
  dag_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('checked', 'published', 'unchanged', 'failed')),
  manifest_key text,
  checks jsonb NOT NULL DEFAULT '[]',
  details jsonb NOT NULL DEFAULT '{}',
  reason text,
  written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (env, run_id)
);
