/*
description: >
  Jobs that loaded hours into BigQuery: what each was billed for (load jobs are free), and for how many hours.
*/
CREATE TABLE mev_boost.bigquery_jobs (
  job_id text PRIMARY KEY,
  kind text NOT NULL,
  endpoint text NOT NULL,
  hours bigint NOT NULL,
  bytes_billed bigint NOT NULL,
  seconds numeric NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
