/*
description: Merges and splits of project groups - when, from which id to which, and why.
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
