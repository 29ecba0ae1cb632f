/*
description: >
  One row per day of the goal tracker. A post that is being sent may have gone out; it is sent again in the
  same words, which X refuses a second time. Written means it went to a file only.
*/
CREATE TABLE meta.goal_post (
  day date PRIMARY KEY,
  state text NOT NULL CHECK (state IN (
    'refused', 'asked', 'ready', 'approved', 'rejected', 'sending', 'posted', 'written'
  )),
  figure numeric NOT NULL,
  goal numeric NOT NULL,
  text text NOT NULL,
  build_id bigint,
  question text,
  who text,
  why text,
  post_id text,
  note text,
  prepared_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at timestamptz
);
