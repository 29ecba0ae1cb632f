/*
description: What every symbol ever seen became, by which rule, and why.
columns:
  raw_symbol: "Symbol as the source writes it."
  symbol: "What it became."
  rule: "Rule that decided."
  token: "Token it means, where the rule tells."
  reason: "Why, in words."
  rules_version: "Hash of the rules that were in force."
  cleaned_at: "When it was decided."
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
