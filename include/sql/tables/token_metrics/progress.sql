/*
description: How far metrics are computed, and up to which hour they are final. One row.
columns:
  only_row: "Always true: there is one row."
  newest_hour: "Newest hour with metrics, in seconds since 1970."
  final_through: "Hour up to which no late rows are waited for, in seconds since 1970."
  computed_at: "When metrics were computed last."
*/
CREATE TABLE token_metrics.progress (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  newest_hour integer NOT NULL,
  final_through integer NOT NULL,
  computed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
