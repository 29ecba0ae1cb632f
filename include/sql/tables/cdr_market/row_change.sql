/*
description: How rows of CDR.fyi changed from one pull to the next, such as a delivery that was restated.
*/
CREATE TABLE cdr_market.row_change (
  table_name text NOT NULL,
  row_id text NOT NULL,
  column_name text NOT NULL,
  before text,
  after text,
  difference numeric,
  kind text NOT NULL CHECK (kind IN ('added', 'changed', 'removed')),
  base_cut_id bigint NOT NULL,
  run_id text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (base_cut_id, table_name, row_id, column_name)
);
