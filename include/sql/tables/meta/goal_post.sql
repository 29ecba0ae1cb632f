/*
description: >
  One row per day of the goal tracker. A post that is being sent may have gone out; it is sent again in the
  same words, which X refuses a second time. Written means it went to a file only.
columns:
  day: "Day of the post (UTC)."
  state: "refused, asked, ready, approved, rejected, sending, posted or written."
  figure: "The figure that is posted."
  goal: "The goal it is measured by."
  text: "Words of the post."
  build_id: "Build the figure is of; NULL where it is of none."
  question: "Why a person was asked; NULL where nobody was."
  who: "Who answered."
  why: "What they wrote."
  post_id: "Id of the post at X."
  note: "What became of it, in words."
  prepared_at: "When the figure was read."
  sent_at: "When it went out."
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
