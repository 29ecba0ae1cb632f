/*
description: >
  One row for each question that a task has asked a person, so that nobody is waited for unseen. Questions
  about builds stand in meta.approval.
columns:
  dag_id: "DAG of the task."
  run_id: "Run of the DAG."
  task_id: "Task that waits."
  subject: "The question in one line."
  asked_at: "When the task began to wait."
  closed_at: "When it was first seen that the task waits no longer; NULL while it does."
*/
CREATE TABLE meta.question (
  dag_id text NOT NULL,
  run_id text NOT NULL,
  task_id text NOT NULL,
  subject text NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  closed_at timestamptz,
  PRIMARY KEY (dag_id, run_id, task_id)
);
