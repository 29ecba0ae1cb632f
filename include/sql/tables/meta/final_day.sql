/*
description: >
  Days (UTC) of a source of which every wanted slot is covered, for every endpoint and each relay in service.
*/
CREATE TABLE meta.final_day (
  source text NOT NULL,
  day date NOT NULL,
  relays text[] NOT NULL,
  slots bigint NOT NULL,
  finalised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (source, day)
);
