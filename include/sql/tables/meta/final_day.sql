/*
description: >
  Days (UTC) of a source of which every wanted slot is covered, for every endpoint and each relay in service.
columns:
  source: "Source, such as mev_boost."
  day: "The day (UTC)."
  relays: "Relays in service on that day."
  slots: "Slots wanted of each relay and endpoint."
  finalised_at: "When the day was found whole."
*/
CREATE TABLE meta.final_day (
  source text NOT NULL,
  day date NOT NULL,
  relays text[] NOT NULL,
  slots bigint NOT NULL,
  finalised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (source, day)
);
