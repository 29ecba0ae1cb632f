/*
description: >
  One row for each thing that people were told of. What is still wrong is told again after a while; a closed
  alert was right again the last time anybody looked.
columns:
  alert_key: "What is wrong with what: kind and subject."
  kind: "Kind of the alert, a chapter of docs/alerts.md."
  body: "What people were told last."
  seen: "How often it was seen since it went wrong."
  first_seen_at: "When it was seen first since it went wrong."
  last_seen_at: "When it was seen last."
  told_at: "When people were told last; NULL while nobody could be told."
  closed_at: "When it was right again; NULL while it is wrong."
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
