/*
description: >
  One row per check of a build. A failed stop ends the run, a failed ask waits for a person, a warning is
  only kept. A waived check failed and was let through by the waiver stored beside it.
*/
CREATE TABLE meta.check_result (
  build_id bigint NOT NULL REFERENCES meta.build (build_id) ON DELETE RESTRICT,
  relation text NOT NULL,
  check_name text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('stop', 'ask', 'warn')),
  verdict text CHECK (verdict IN ('passed', 'failed', 'waived')),
  passed boolean NOT NULL,
  figure text,
  expected text NOT NULL,
  statement text NOT NULL,
  samples jsonb NOT NULL DEFAULT '[]',
  waiver jsonb,
  checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (build_id, relation, check_name)
);
