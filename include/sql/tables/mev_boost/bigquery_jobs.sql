/*
description: >
  Jobs of BigQuery that loaded hours, looked for late ones, or computed days: what each was billed for (load
  jobs are free), for how many hours, and of which endpoint or derived table.
columns:
  job_id: "Id of the job in BigQuery."
  kind: "What the job did, such as load or merge."
  endpoint: "bids, payloads, or the derived table."
  hours: "Hours it was for."
  bytes_billed: "Bytes it was billed for."
  seconds: "How long it took."
  finished_at: "When it was done."
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
