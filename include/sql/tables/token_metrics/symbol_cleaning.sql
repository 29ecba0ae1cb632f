/*
description: What every symbol ever seen became, by which rule, and why.
*/
CREATE TABLE token_metrics.symbol_cleaning (
  raw_symbol text PRIMARY KEY,
  symbol text NOT NULL,
  rule text NOT NULL,
  token text,
  reason text NOT NULL,
  rules_version text NOT NULL,
  cleaned_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
