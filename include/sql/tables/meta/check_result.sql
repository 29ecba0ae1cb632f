/*
description: One row per check of a build.
*/
CREATE TABLE meta.check_result (
  build_id bigint NOT NULL REFERENCES meta.build (build_id) ON DELETE RESTRICT,
  relation text NOT NULL,
  check_name text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('stop', 'warn')),
  passed boolean NOT NULL,
  figure text,
  expected text NOT NULL,
  statement text NOT NULL,
  samples jsonb NOT NULL DEFAULT '[]',
  checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (build_id, relation, check_name)
);
