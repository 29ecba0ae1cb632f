/*
description: >
  One row per sign-up that was taken up. Inviting and mailing mean that Metabase or Postmark was asked and the
  answer is not written down yet. Name and address are forgotten some time after the end.
columns:
  has_account_before: "The address had an account before this sign-up."
  tries: "Failed tries of the step it is at."
  tried_at: "First try of the step it is at."
  message_id: "Postmark's id of the mail."
  note: "What happened last, without personal data."
*/
CREATE TABLE sign_ups.request (
  request_id uuid PRIMARY KEY,
  email text,
  first_name text,
  last_name text,
  state text NOT NULL CHECK (state IN (
    'queued', 'inviting', 'invited', 'mailing', 'done', 'merged', 'refused', 'bounced', 'given_up'
  )),
  has_account_before boolean,
  tries integer NOT NULL DEFAULT 0,
  tried_at timestamptz,
  next_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  ended_at timestamptz,
  message_id text,
  note text
);
