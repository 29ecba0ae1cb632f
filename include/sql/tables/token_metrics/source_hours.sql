/*
description: >
  One row per hour of the source - its rows and fingerprint when it was last landed, and what the warehouse
  held of it then. An hour whose fingerprint is another one by now is landed again.
columns:
  timestamp: "Start of the hour, in seconds since 1970."
  source_rows: "Rows the source had."
  landed_rows: "Rows the warehouse held of them."
  refused_rows: "Rows that could not be taken."
  fingerprint: "Hash of the source's rows."
  landed_at: "When the hour was landed last."
  loads: "How often it was landed."
*/
CREATE TABLE token_metrics.source_hours (
  timestamp integer PRIMARY KEY,
  source_rows bigint NOT NULL,
  landed_rows bigint NOT NULL,
  refused_rows bigint NOT NULL,
  fingerprint text NOT NULL,
  landed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  loads integer NOT NULL DEFAULT 1
);
