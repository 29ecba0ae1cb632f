/*
description: >
  Which numbers (slots, hours, pages) of a source were proved fetched and stored, empty answers included. What
  is wanted and not in here is a gap. Written in the transaction that stores the rows, or after it.
columns:
  source: "Source, such as mev_boost."
  endpoint: "What was asked for, such as bids."
  relay: "Relay, by its name in the registry."
  covered: "Numbers proved fetched."
  updated_at: "Last change."
*/
CREATE TABLE meta.coverage (
  source text NOT NULL,
  endpoint text NOT NULL,
  relay text NOT NULL,
  covered int8multirange NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (source, endpoint, relay)
);
