/*
description: How far metrics are computed, and up to which hour they are final. One row.
*/
CREATE TABLE token_metrics.progress (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  newest_hour integer NOT NULL,
  final_through integer NOT NULL,
  computed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
