/*
description: Hourly tweet counts as the source holds them; revisions counts how often a row changed.
columns:
  id: "Id of the row at the source."
  timezone: "Time zone the source names."
  timestamp: "Start of the hour, in seconds since 1970."
  date: "Start of the hour as the source writes it."
  symbol: "Symbol as the source writes it."
  count: "Tweets in the hour."
  sentiment: "Mean sentiment, as the source computes it."
  landed_at: "When the row was landed last."
  revisions: "How often the row changed since it was first landed."
*/
CREATE TABLE token_metrics.tweetvolumeshours (
  id text NOT NULL,
  timezone text,
  timestamp integer NOT NULL,
  date timestamp,
  symbol text,
  count double precision,
  sentiment double precision,
  landed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  revisions integer NOT NULL DEFAULT 0,
  PRIMARY KEY (timestamp, id)
);
