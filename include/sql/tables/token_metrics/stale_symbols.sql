/*
description: Symbols whose counts changed between two hours and whose metrics were not computed again yet.
*/
CREATE TABLE token_metrics.stale_symbols (
  symbol text PRIMARY KEY,
  first_hour integer NOT NULL,
  last_hour integer NOT NULL
);
