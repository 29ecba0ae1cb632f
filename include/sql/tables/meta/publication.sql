/*
description: >
  One row for each time a build came before readers, by a publish or by a rollback; the last row of a system
  is what readers see. A rollback can ask that a person approves the next publish.
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
