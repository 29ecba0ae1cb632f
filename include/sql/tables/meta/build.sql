/*
description: >
  One row per build of the published relations. Building leads to published when nothing asks; otherwise the
  build waits for a person. A build that was published once stays so; which one readers see now is the last
  row of meta.publication.
*/
CREATE TABLE meta.build (
  build_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  system text NOT NULL,
  run_id text NOT NULL,
  state text NOT NULL CHECK (state IN (
    'building', 'awaiting_approval', 'approved', 'published', 'unchanged', 'rejected', 'superseded', 'failed'
  )),
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  reason text,
  based_on bigint
);
