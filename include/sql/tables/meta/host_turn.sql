/*
description: >
  When the next request to a host may start, over all tasks that ask it. Whoever asks takes his starts here.
columns:
  host: "Host that is asked."
  next_at: "When the next request to it may start."
*/
CREATE TABLE meta.host_turn (
  host text PRIMARY KEY,
  next_at timestamptz NOT NULL
);
