/*
description: Rows that a landing left out, with the cell and the reason; the latest run of each source.
columns:
  source: "Name of the source."
  relation: "Table the row was meant for."
  run_id: "Run of the DAG."
  row_number: "Number of the row in sheet or file, the header being 1."
  column_name: "Column of the cell that could not be taken."
  value: "What stands in it; hidden where it is private."
  reason: "Why, in words."
  quarantined_at: "When."
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
