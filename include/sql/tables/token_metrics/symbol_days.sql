/*
description: Tweets per clean symbol and day (UTC), with the hours that are known.
columns:
  symbol: "Symbol after cleaning, without $."
  day: "The day (UTC)."
  tweets: "Tweets of its known hours."
  most_in_an_hour: "Most tweets in one hour."
  known_hours: "Hours that are known, at most 24."
*/
CREATE TABLE token_metrics.symbol_days (
  symbol text NOT NULL,
  day date NOT NULL,
  tweets bigint NOT NULL,
  most_in_an_hour bigint NOT NULL,
  known_hours smallint NOT NULL,
  PRIMARY KEY (day, symbol)
);
