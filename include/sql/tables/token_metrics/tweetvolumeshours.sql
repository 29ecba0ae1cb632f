/*
description: Hourly tweet counts as the source holds them; revisions counts how often a row changed.
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
