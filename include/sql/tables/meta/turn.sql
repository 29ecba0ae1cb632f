/*
description: >
  Runs of a system that land and build, or want to. One at a time has taken its turn; a run that waits for a
  person has given it back.
columns:
  system: "Folder of models that are published together."
  dag_id: "DAG of the run."
  run_id: "Run of the DAG."
  due_at: "Order of runs; the older one goes first."
  asked_at: "When the run began to wait."
  taken_at: "When its turn came; NULL while it waits."
*/
CREATE TABLE meta.turn (
  system text NOT NULL,
  dag_id text NOT NULL,
  run_id text NOT NULL,
  due_at timestamptz NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  taken_at timestamptz,
  PRIMARY KEY (system, dag_id, run_id)
);
