/*
description: >
  Symbols whose metrics are out of date between two hours, as far as changed counts reach. Batches of unlike
  hours never write the same row, so that none waits for another.
columns:
  symbol: "Symbol after cleaning, without $."
  first_hour: "First hour to compute again, in seconds since 1970."
  last_hour: "Last hour to compute again, in seconds since 1970; it may be yet to come."
*/
CREATE TABLE token_metrics.stale_hours (
  symbol text NOT NULL,
  first_hour integer NOT NULL,
  last_hour integer NOT NULL,
  PRIMARY KEY (symbol, first_hour)
);
