/*
description: >
  What was asked about a build, who answered and why. A build that nobody answered in time is rejected
  without a name.
columns:
  build_id: "Number of the build."
  questions: "Checks that ask, with figure, expectation and sample rows."
  asked_at: "When the build began to wait."
  answer: "approved, rejected or timed out; NULL while it waits."
  who: "Who answered; NULL where time ran out."
  why: "What they wrote."
  answered_at: "When."
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
