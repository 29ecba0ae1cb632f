/*
description: >
  Numbers that were asked for in vain, with the last error, for as long as they are not covered. Nothing is
  known about them: neither that there are rows, nor that there are none.
columns:
  unknown_id: "Number of the row."
  source: "Source, such as mev_boost."
  endpoint: "What was asked for, such as bids."
  relay: "Relay, by its name in the registry."
  slots: "Numbers asked for in vain."
  error: "What the last attempt ended with."
  first_failed_at: "First attempt in vain."
  failed_at: "Last attempt in vain."
*/
CREATE TABLE meta.coverage_unknown (
  unknown_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL,
  endpoint text NOT NULL,
  relay text NOT NULL,
  slots int8multirange NOT NULL,
  error text NOT NULL,
  first_failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  failed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
