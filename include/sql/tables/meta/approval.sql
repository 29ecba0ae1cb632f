/*
description: >
  What was asked about a build, who answered and why. A build that nobody answered in time is rejected
  without a name.
*/
CREATE TABLE meta.approval (
  build_id bigint PRIMARY KEY REFERENCES meta.build (build_id) ON DELETE RESTRICT,
  questions jsonb NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  answer text CHECK (answer IN ('approved', 'rejected', 'timed out')),
  who text,
  why text,
  answered_at timestamptz
);
