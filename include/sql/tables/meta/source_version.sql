/*
description: Schema version in use for each indexer, and why.
*/
CREATE TABLE meta.source_version (
  source text PRIMARY KEY,
  version text NOT NULL,
  advertised text NOT NULL,
  scores jsonb NOT NULL,
  reason text NOT NULL,
  checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  switched_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
