/*
description: >
  Symbols whose counts changed between two hours and whose metrics were not computed again yet. Batches of
  unlike hours never write the same row, so that none waits for another.
columns:
  symbol: "Symbol after cleaning, without $."
  first_hour: "First hour whose count changed, in seconds since 1970."
  last_hour: "Last hour whose count changed, in seconds since 1970."
*/
CREATE TABLE token_metrics.stale_hours (
  symbol text NOT NULL,
  first_hour integer NOT NULL,
  last_hour integer NOT NULL,
  PRIMARY KEY (symbol, first_hour)
);
