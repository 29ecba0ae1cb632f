/*
description: >
  One row per hour of the source - its rows and fingerprint when it was last landed, and what the warehouse
  held of it then. An hour whose fingerprint is another one by now is landed again.
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
