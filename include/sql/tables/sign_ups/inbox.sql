/*
description: >
  Sign-ups as the form handed them in, until they are taken up. The form's role may insert, and nothing else.
columns:
  request_id: "Drawn by the form; stands for the person in logs."
  email: "Personal data, as are the names."
*/
CREATE TABLE sign_ups.inbox (
  request_id uuid PRIMARY KEY,
  email text NOT NULL,
  first_name text NOT NULL,
  last_name text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
