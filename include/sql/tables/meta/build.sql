/*
description: >
  One row per build of the published relations. Building leads to published when nothing asks; otherwise the
  build waits for a person. A build that was published once stays so; which one readers see now is the last
  row of meta.publication.
columns:
  build_id: "Number of the build."
  system: "Folder of models that are published together."
  run_id: "Run of the DAG."
  state: "What became of it so far."
  started_at: "When it began."
  finished_at: "When it ended; NULL while it goes on."
  reason: "Why it ended so, where there is something to say."
  based_on: "The build that readers saw when it was opened."
  whole: "Asked to make every relation anew, whatever changed."
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
  based_on bigint,
  whole boolean NOT NULL DEFAULT false
);
