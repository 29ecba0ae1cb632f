/*
description: Merges and splits of project groups - when, from which id to which, and why.
columns:
  event_id: "Number of the event."
  happened_at: "When."
  run_id: "Run of the DAG."
  kind: "Whether groups became one, or one became several."
  from_group_id: "Group the projects were in."
  to_group_id: "Group they are in since."
  project_count: "How many moved."
  reason: "What joined them, or what no longer does."
*/
CREATE TABLE meta.project_group_history (
  event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  run_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('merge', 'split')),
  from_group_id text NOT NULL,
  to_group_id text NOT NULL,
  project_count bigint NOT NULL,
  reason text NOT NULL
);
