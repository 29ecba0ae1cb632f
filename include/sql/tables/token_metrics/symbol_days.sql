/*
description: Tweets per clean symbol and day (UTC), with the hours that are known.
*/
CREATE TABLE token_metrics.symbol_days (
  symbol text NOT NULL,
  day date NOT NULL,
  tweets bigint NOT NULL,
  most_in_an_hour bigint NOT NULL,
  known_hours smallint NOT NULL,
  PRIMARY KEY (day, symbol)
);
