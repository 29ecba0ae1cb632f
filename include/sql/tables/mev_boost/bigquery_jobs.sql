/*
description: >
  Jobs of BigQuery that loaded hours, looked for late ones, or computed days: what each was billed for (load
  jobs are free), for how many hours, and of which endpoint or derived table.
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
