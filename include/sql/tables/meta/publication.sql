/*
description: >
  One row for each time a build came before readers, by a publish or by a rollback; the last row of a system
  is what readers see. A rollback can ask that a person approves the next publish.
columns:
  publication_id: "Number in the order of publications."
  system: "Folder of models that are published together."
  build_id: "Number of the build."
  kind: "A new build, or back to an earlier one."
  replaced_build_id: "What readers saw until then."
  who: "Who rolled back."
  why: "What they said."
  asks_next: "A person has to approve the next publish."
  run_id: "Run of the DAG."
  published_at: "When readers began to see it."
*/
CREATE TABLE meta.publication (
  publication_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  system text NOT NULL,
  build_id bigint NOT NULL REFERENCES meta.build (build_id) ON DELETE RESTRICT,
  kind text NOT NULL CHECK (kind IN ('publish', 'rollback')),
  replaced_build_id bigint,
  who text,
  why text,
  asks_next boolean NOT NULL DEFAULT false,
  run_id text,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
