/*
description: >
  One row per check of a build. A failed stop ends the run, a failed ask waits for a person, a warning is
  only kept. A waived check failed and was let through by the waiver stored beside it.
columns:
  build_id: "Number of the build."
  relation: "Relation the check is about; empty for the build as a whole."
  check_name: "What was checked, with the columns it is about."
  severity: "What a failure does: end the run, ask a person, or nothing."
  verdict: "passed, failed, or waived."
  passed: "Whether it holds up nobody."
  figure: "What was found."
  expected: "What should have been found."
  statement: "SQL that shows the figure."
  samples: "Up to five rows that do not pass."
  waiver: "Who answers for it, until when and why."
  checked_at: "When."
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
