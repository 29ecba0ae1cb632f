/*
description: Schema version in use for each indexer, and why.
columns:
  source: "Name of the source."
  version: "Version in use."
  advertised: "Version the source advertised."
  scores: "What each candidate holds per chain."
  reason: "Why this one was taken."
  checked_at: "When candidates were last looked at."
  switched_at: "Since when it is in use."
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
