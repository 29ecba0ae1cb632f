/*
description: Rows that a landing left out, with the cell and the reason; the latest run of each source.
*/
CREATE TABLE meta.quarantine (
  source text NOT NULL,
  relation text NOT NULL,
  run_id text NOT NULL,
  row_number bigint NOT NULL,
  column_name text NOT NULL,
  value text,
  reason text NOT NULL,
  quarantined_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
