/*
description: >
  One row for each thing that people were told of. What is still wrong is told again after a while; a closed
  alert was right again the last time anybody looked.
*/
CREATE TABLE meta.alert (
  alert_key text PRIMARY KEY,
  kind text NOT NULL,
  body text NOT NULL,
  seen integer NOT NULL DEFAULT 1,
  first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  told_at timestamptz,
  closed_at timestamptz
);
