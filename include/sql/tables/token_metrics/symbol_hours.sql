/*
description: >
  Tweets per clean symbol and hour; an hour without a row is not known. Sentiment is in billionths, so that
  sums of it are exact in whatever order they are made.
columns:
  symbol: "Symbol after cleaning, without $."
  timestamp: "Start of the hour, in seconds since 1970."
  count: "Tweets in the hour."
  sentiment_e9: "Mean sentiment in billionths; NULL where unknown."
  source_rows: "Rows of the source it is the sum of."
  revisions: "How often the count changed since it was first known."
*/
CREATE TABLE token_metrics.symbol_hours (
  symbol text NOT NULL,
  timestamp integer NOT NULL,
  count bigint NOT NULL,
  sentiment_e9 bigint,
  source_rows integer NOT NULL,
  revisions integer NOT NULL DEFAULT 0,
  PRIMARY KEY (timestamp, symbol)
);
